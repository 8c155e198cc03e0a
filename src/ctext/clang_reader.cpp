// SPDX-License-Identifier: Apache-2.0
// From libclang's cursors to BTF and macros.
#include <algorithm>
#include <deque>
#include <unordered_map>

#include "ctext/clang.h"
#include "ctext/finish.h"
#include "ctext/include_folders.h"
#include "ctext/tokens.h"
#include "target/btf_builder.h"

namespace sonde::ctext {

namespace {

using diag::DiagId;
using target::BtfBuilder;
using target::IntegerKind;

constexpr const char* main_file = "sonde_script.c";

// The short names of the kernel for integers, which its headers define alike.
constexpr std::string_view prelude =
    "typedef signed char s8; typedef unsigned char u8; typedef short s16;"
    "typedef unsigned short u16; typedef int s32; typedef unsigned int u32;"
    "typedef long long s64; typedef unsigned long long u64;"
    "typedef signed char __s8; typedef unsigned char __u8; typedef short __s16;"
    "typedef unsigned short __u16; typedef int __s32; typedef unsigned int __u32;"
    "__extension__ typedef long long __s64; __extension__ typedef unsigned long long __u64;\n";

// What is given to libclang, and where its parts stand in the script.
struct Buffer {
  struct Part {
    std::size_t begin;
    diag::Span span;
  };
  std::string text{prelude};
  std::vector<Part> parts;

  explicit Buffer(std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) {
      parts.push_back({text.size(), piece.span});
      // The language does not want the `;` behind a definition.
      const bool is_line = piece.text.starts_with('#');
      text.append(piece.text).append(is_line ? "\n" : "\n;\n");
    }
  }
  diag::Span place(std::size_t offset) const {
    diag::Span span;
    for (const Part& part : parts) {
      if (part.begin > offset) break;
      const std::size_t length = part.span.end - part.span.begin;
      const auto within = static_cast<std::uint32_t>(std::min(offset - part.begin, length));
      span = {part.span.file, part.span.begin + within, part.span.begin + within};
    }
    return span;
  }
  // From there to the end of the line.
  diag::Span line_from(std::size_t offset) const {
    diag::Span span = place(offset);
    const std::size_t end = text.find('\n', offset);
    span.end = place(end == std::string::npos ? text.size() : end).end;
    return span;
  }
};

struct CursorHash {
  const Clang* clang;
  std::size_t operator()(const CXCursor& cursor) const { return clang->hashCursor(cursor); }
};
struct CursorEqual {
  const Clang* clang;
  bool operator()(const CXCursor& a, const CXCursor& b) const {
    return clang->equalCursors(a, b) != 0;
  }
};

// An integer or floating type by its kind.
struct Plain {
  int kind;
  std::string_view name;
  bool is_signed;
};
constexpr Plain integers[] = {{type_kind::char_u, "char", false},
                              {type_kind::char_s, "char", true},
                              {type_kind::uchar, "unsigned char", false},
                              {type_kind::schar, "signed char", true},
                              {type_kind::ushort_, "unsigned short", false},
                              {type_kind::short_, "short", true},
                              {type_kind::uint_, "unsigned int", false},
                              {type_kind::int_, "int", true},
                              {type_kind::ulong_, "unsigned long", false},
                              {type_kind::long_, "long", true},
                              {type_kind::ulonglong, "unsigned long long", false},
                              {type_kind::longlong, "long long", true},
                              {type_kind::uint128, "unsigned __int128", false},
                              {type_kind::int128, "__int128", true}};
constexpr Plain floats[] = {{type_kind::float_, "float", true},
                            {type_kind::double_, "double", true},
                            {type_kind::longdouble, "long double", true}};

struct Reader {
  const Clang& clang;
  const Buffer& buffer;
  CXTranslationUnit unit;
  BtfBuilder builder;
  std::unordered_map<CXCursor, BtfId, CursorHash, CursorEqual> ids{64, CursorHash{&clang},
                                                                   CursorEqual{&clang}};
  std::vector<Definition> definitions;
  std::map<std::string, Macro, std::less<>> macros;
  std::set<std::string, std::less<>> function_macros;

  std::string text(CXString string) const {
    const char* chars = clang.getCString(string);
    std::string copy = chars ? chars : "";
    clang.disposeString(string);
    return copy;
  }
  // Newer versions describe what has no name: "(unnamed struct at …)".
  std::string name_of(CXCursor cursor) const {
    std::string name = text(clang.getCursorSpelling(cursor));
    return name.find_first_of("( ") == std::string::npos ? name : std::string();
  }

  // Offset in the script's own part; nothing for headers.
  std::optional<std::size_t> own_offset(CXSourceLocation location) const {
    CXFile file = nullptr;
    unsigned offset = 0;
    clang.getFileLocation(location, &file, nullptr, nullptr, &offset);
    if (!file || text(clang.getFileName(file)) != main_file) return std::nullopt;
    return offset;
  }

  // --- types -----------------------------------------------------------------------------

  BtfId type(CXType given) {
    const CXType canonical = clang.getCanonicalType(given);
    const auto bytes = static_cast<std::uint32_t>(std::max(clang.Type_getSizeOf(canonical), 0LL));
    for (const Plain& plain : integers)
      if (plain.kind == canonical.kind)
        return builder.add_integer(plain.name, bytes,
                                   plain.is_signed ? IntegerKind::signed_ : IntegerKind::unsigned_);
    for (const Plain& plain : floats)
      if (plain.kind == canonical.kind) return builder.add_float(plain.name, bytes);
    switch (canonical.kind) {
      case type_kind::bool_: return builder.add_integer("_Bool", 1, IntegerKind::boolean);
      case type_kind::pointer: return builder.add_pointer(type(clang.getPointeeType(canonical)));
      case type_kind::constant_array:
      case type_kind::incomplete_array: {
        const BtfId element = type(clang.getArrayElementType(canonical));
        const long long count = std::max(clang.getArraySize(canonical), 0LL);
        return builder.add_array(element, static_cast<std::uint32_t>(count));
      }
      case type_kind::record: return composite(canonical);
      case type_kind::enum_: return enumeration(clang.getTypeDeclaration(canonical));
      case type_kind::function_proto:
      case type_kind::function_no_proto: return function(canonical);
      case type_kind::void_: return 0;
      // Vectors, complex numbers: as many bytes that nobody can read.
      default: return bytes == 0 ? 0 : builder.add_float("unreadable", bytes);
    }
  }

  BtfId function(CXType canonical) {
    std::vector<target::BtfParam> params;
    const int count = std::max(clang.getNumArgTypes(canonical), 0);
    for (int i = 0; i < count; ++i)
      params.push_back({"", type(clang.getArgType(canonical, static_cast<unsigned>(i)))});
    return builder.add_proto(type(clang.getResultType(canonical)), params);
  }

  BtfId composite(CXType canonical) {
    const CXCursor declared = clang.getTypeDeclaration(canonical);
    const CXCursor key = clang.getCanonicalCursor(declared);
    if (const auto known = ids.find(key); known != ids.end()) return known->second;
    const BtfKind kind =
        declared.kind == cursor_kind::union_decl ? BtfKind::union_ : BtfKind::struct_;
    const std::string name = name_of(declared);
    const BtfId id = builder.declare_composite(kind, name);
    ids.emplace(key, id);
    const long long bytes = clang.Type_getSizeOf(canonical);
    if (bytes < 0) return id;  // only declared
    struct Fields {
      Reader& reader;
      std::deque<std::string> names;
      std::vector<target::BtfMember> members;
    } fields{*this, {}, {}};
    clang.Type_visitFields(
        canonical,
        [](CXCursor field, CXClientData data) {
          auto& found = *static_cast<Fields*>(data);
          const Clang& c = found.reader.clang;
          const long long offset = c.Cursor_getOffsetOfField(field);
          const bool is_bit_field = c.Cursor_isBitField(field) != 0;
          const int bits = is_bit_field ? c.getFieldDeclBitWidth(field) : 0;
          found.names.push_back(found.reader.name_of(field));
          const bool padding = is_bit_field && found.names.back().empty();
          if (offset >= 0 && !padding)
            found.members.push_back({found.names.back(), found.reader.type(c.getCursorType(field)),
                                     static_cast<std::uint32_t>(offset),
                                     static_cast<std::uint32_t>(bits)});
          return visit_continue;
        },
        &fields);
    builder.define_composite(id, static_cast<std::uint32_t>(bytes), fields.members);
    note_definition(kind, name, id, declared);
    return id;
  }

  BtfId enumeration(CXCursor declared) {
    const CXCursor key = clang.getCanonicalCursor(declared);
    if (const auto known = ids.find(key); known != ids.end()) return known->second;
    struct Values {
      Reader& reader;
      std::deque<std::string> names;
      std::vector<target::BtfEnumerator> values;
    } values{*this, {}, {}};
    clang.visitChildren(
        declared,
        [](CXCursor child, CXCursor, CXClientData data) {
          if (child.kind != cursor_kind::enum_constant_decl) return visit_continue;
          auto& found = *static_cast<Values*>(data);
          found.names.push_back(found.reader.name_of(child));
          const long long value = found.reader.clang.getEnumConstantDeclValue(child);
          found.values.push_back({found.names.back(), static_cast<std::uint64_t>(value)});
          return visit_continue;
        },
        &values);
    const std::string name = name_of(declared);
    const CXType integer = clang.getCanonicalType(clang.getEnumDeclIntegerType(declared));
    const long long bytes = clang.Type_getSizeOf(integer);
    const bool is_signed = integer.kind == type_kind::int_ || integer.kind == type_kind::long_ ||
                           integer.kind == type_kind::longlong ||
                           integer.kind == type_kind::short_ || integer.kind == type_kind::schar;
    const BtfId id = builder.add_enum(name, static_cast<std::uint32_t>(std::max(bytes, 4LL)),
                                      is_signed, values.values);
    ids.emplace(key, id);
    note_definition(BtfKind::enum_, name, id, declared);
    return id;
  }

  void note_definition(BtfKind kind, const std::string& name, BtfId id, CXCursor declared) {
    const auto offset = own_offset(clang.getCursorLocation(declared));
    if (name.empty() || !offset) return;
    diag::Span span = buffer.place(*offset);
    span.end = span.begin + static_cast<std::uint32_t>(name.size());
    definitions.push_back({kind, name, id, span});
  }

  // --- macros ----------------------------------------------------------------------------

  void macro(CXCursor cursor) {
    if (clang.Cursor_isMacroBuiltin(cursor) != 0) return;
    std::string name = text(clang.getCursorSpelling(cursor));
    if (clang.Cursor_isMacroFunctionLike(cursor) != 0) {
      macros.erase(name);
      function_macros.insert(std::move(name));
      return;
    }
    const CXSourceRange extent = clang.getCursorExtent(cursor);
    CXFile file = nullptr;
    unsigned begin = 0, end = 0;
    clang.getSpellingLocation(clang.getRangeStart(extent), &file, nullptr, nullptr, &begin);
    clang.getSpellingLocation(clang.getRangeEnd(extent), nullptr, nullptr, nullptr, &end);
    std::size_t size = 0;
    const char* content = file ? clang.getFileContents(unit, file, &size) : nullptr;
    if (!content || end > size || begin + name.size() > end) return;
    const std::string_view body(content + begin + name.size(), end - begin - name.size());
    const auto tokens = read_tokens(body, {});
    if (!tokens) return;
    const auto offset = own_offset(clang.getRangeStart(extent));
    function_macros.erase(name);
    macros.insert_or_assign(
        std::move(name),
        Macro{script_text(*tokens), offset ? buffer.line_from(*offset) : diag::Span{}});
  }

  void read_all() {
    clang.visitChildren(
        clang.getTranslationUnitCursor(unit),
        [](CXCursor cursor, CXCursor, CXClientData data) {
          auto& reader = *static_cast<Reader*>(data);
          const Clang& c = reader.clang;
          switch (cursor.kind) {
            case cursor_kind::struct_decl:
            case cursor_kind::union_decl:
            case cursor_kind::enum_decl: reader.type(c.getCursorType(cursor)); break;
            case cursor_kind::typedef_decl:
              reader.builder.add_typedef(reader.name_of(cursor),
                                         reader.type(c.getTypedefDeclUnderlyingType(cursor)));
              break;
            case cursor_kind::macro_definition: reader.macro(cursor); break;
            default: break;
          }
          return visit_continue;
        },
        this);
  }

  // --- errors ----------------------------------------------------------------------------

  // The `#include` of the script that led to a header.
  diag::Span include_of(const std::string& header) {
    struct Search {
      Reader& reader;
      const std::string& header;
      diag::Span found;
    } search{*this, header, {}};
    clang.getInclusions(
        unit,
        [](CXFile file, CXSourceLocation* stack, unsigned length, CXClientData data) {
          auto& s = *static_cast<Search*>(data);
          if (length == 0 || s.found.known() ||
              s.reader.text(s.reader.clang.getFileName(file)) != s.header)
            return;
          const auto offset = s.reader.own_offset(stack[length - 1]);
          if (!offset) return;
          const std::size_t line = s.reader.buffer.text.rfind('\n', *offset) + 1;
          s.found = s.reader.buffer.line_from(line);
        },
        &search);
    return search.found;
  }

  static void explain_missing(diag::DiagnosticBuilder& error, std::string_view message,
                              const FrontEndOptions& front_end) {
    if (!front_end.has_own_headers) {
      error.hint("the compiler's own headers are missing (on Debian: libclang-common-19-dev)");
    } else if (is_of_kernel(message) && !front_end.has_kernel_headers) {
      error.hint(
          "the kernel's headers are not installed (on Debian: linux-headers-$(uname -r)); "
          "BPFTRACE_KERNEL_SOURCE names another place");
      error.hint("types and enumerators that the kernel's BTF has need no header");
    } else {
      error.hint("name the folder that has it: `-I FOLDER`");
    }
  }

  // "'linux/sched/signal.h' file not found"
  static bool is_of_kernel(std::string_view message) {
    constexpr std::string_view folders[] = {
        "linux/", "asm/", "asm-generic/", "uapi/", "net/",  "trace/", "block/", "crypto/",
        "drm/",   "kvm/", "media/",       "rdma/", "scsi/", "sound/", "vdso/",  "generated/"};
    if (message.starts_with('\'')) message.remove_prefix(1);
    return std::ranges::any_of(
        folders, [&](std::string_view folder) { return message.starts_with(folder); });
  }

  // False when there was an error.
  bool report(diag::Diagnostics& diagnostics, const FrontEndOptions& front_end) {
    bool sound = true;
    for (unsigned i = 0; i < clang.getNumDiagnostics(unit); ++i) {
      CXDiagnostic diagnostic = clang.getDiagnostic(unit, i);
      if (clang.getDiagnosticSeverity(diagnostic) >= severity_error) {
        sound = false;
        report(diagnostics, diagnostic, front_end);
      }
      clang.disposeDiagnostic(diagnostic);
    }
    return sound;
  }

  void report(diag::Diagnostics& diagnostics, CXDiagnostic diagnostic,
              const FrontEndOptions& front_end) {
    const std::string message = text(clang.getDiagnosticSpelling(diagnostic));
    const CXSourceLocation location = clang.getDiagnosticLocation(diagnostic);
    const auto explain = [&](diag::DiagnosticBuilder error) {
      if (message.ends_with("file not found")) explain_missing(error, message, front_end);
    };
    if (const auto offset = own_offset(location)) {
      explain(diagnostics.error(DiagId::c_text, buffer.line_from(*offset), "{}", message));
      return;
    }
    CXFile file = nullptr;
    unsigned line = 0, column = 0;
    clang.getFileLocation(location, &file, &line, &column, nullptr);
    const std::string header = file ? text(clang.getFileName(file)) : "";
    const diag::Span span = file ? include_of(header) : diag::Span{};
    if (file)
      explain(
          diagnostics.error(DiagId::c_text, span, "{}:{}:{}: {}", header, line, column, message));
    else
      explain(diagnostics.error(DiagId::c_text, span, "{}", message));
  }
};

}  // namespace

std::unique_ptr<CText> read_with_clang(const Clang& clang, std::span<const Piece> pieces,
                                       const Options& options, const target::Btf* kernel,
                                       diag::Diagnostics& diagnostics) {
  const Buffer buffer(pieces);
  const FrontEndOptions front_end = front_end_options(options, clang.version, kernel != nullptr);
  std::vector<const char*> arguments;
  for (const std::string& argument : front_end.arguments) arguments.push_back(argument.c_str());
  CXUnsavedFile file{main_file, buffer.text.c_str(), buffer.text.size()};
  CXIndex index = clang.createIndex(0, 0);
  CXTranslationUnit unit = nullptr;
  const int failure = clang.parseTranslationUnit2(
      index, main_file, arguments.data(), static_cast<int>(arguments.size()), &file, 1,
      detailed_preprocessing_record | skip_function_bodies, &unit);
  std::unique_ptr<CText> result;
  if (failure != 0 || !unit) {
    diagnostics.error(DiagId::c_text, pieces.empty() ? diag::Span{} : pieces.front().span,
                      "libclang cannot read the C text (its error {})", failure);
  } else {
    Reader reader{clang, buffer, unit, BtfBuilder(kernel)};
    if (reader.report(diagnostics, front_end)) {
      reader.read_all();
      result = finish(reader.builder, reader.definitions, kernel, diagnostics);
      result->macros = std::move(reader.macros);
      result->function_macros = std::move(reader.function_macros);
    }
    clang.disposeTranslationUnit(unit);
  }
  clang.disposeIndex(index);
  return result;
}

}  // namespace sonde::ctext
