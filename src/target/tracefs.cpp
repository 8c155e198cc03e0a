// SPDX-License-Identifier: Apache-2.0
#include "target/tracefs.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "base/tracefs.h"

namespace sonde::target {

namespace {

Error no_permission(int error, const std::string& what) {
  return Error{what +
                   ": reading tracefs needs root or CAP_DAC_READ_SEARCH, or a tracefs that is "
                   "mounted with a gid of yours",
               error};
}

struct DirClose {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Cuts what stands before `separator` off the front of `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Splits `char comm[16]` into name `comm` and type `char[16]`; false when there is no name.
bool split_declaration(std::string_view declaration, TraceField& field) {
  declaration = trim(declaration);
  std::string_view dimension;
  // What is in the brackets may be an expression, such as `sizeof(struct in6_addr)`.
  if (declaration.ends_with(']')) {
    const std::size_t bracket = declaration.find('[');
    if (bracket == std::string_view::npos) return false;
    // `__data_loc char[] name` has its brackets before the name, so never comes here.
    dimension = declaration.substr(bracket);
    declaration = trim(declaration.substr(0, bracket));
  }
  std::size_t start = declaration.size();
  while (start > 0 && is_word_character(declaration[start - 1])) --start;
  if (start == 0 || start == declaration.size()) return false;
  field.name = declaration.substr(start);
  field.type = std::string(trim(declaration.substr(0, start))).append(dimension);
  return true;
}

// `offset:8;` and its kin, the part after the colon.
bool read_number(std::string_view property, std::string_view key, std::uint32_t& value) {
  property = trim(property);
  if (!property.starts_with(key) || !property.substr(key.size()).starts_with(':')) return false;
  const auto number = parse_u64(property.substr(key.size() + 1));
  if (!number || *number > UINT32_MAX) return false;
  value = static_cast<std::uint32_t>(*number);
  return true;
}

// `field:unsigned int prio;	offset:8;	size:4;	signed:0;`
Status parse_field(std::string_view line, Tracepoint& tracepoint) {
  std::string_view rest = line.substr(line.find(':') + 1);
  const std::string_view declaration = take_until(rest, ';');
  TraceField field;
  std::uint32_t is_signed = 0;
  if (!read_number(take_until(rest, ';'), "offset", field.offset) ||
      !read_number(take_until(rest, ';'), "size", field.size))
    return fail("expected a declaration, an offset and a size in `" + std::string(line) + "`");
  // Kernels before 2.6.31 do not say the sign.
  if (read_number(take_until(rest, ';'), "signed", is_signed)) field.is_signed = is_signed != 0;
  if (!split_declaration(declaration, field) || field.name.starts_with("common_")) return {};
  // Since Linux 5.17, from user events only: the offset counts from the field itself.
  if (field.type.starts_with("__rel_loc ")) return {};
  field.is_data_loc = field.type.starts_with("__data_loc ");
  tracepoint.fields.push_back(std::move(field));
  return {};
}

}  // namespace

Result<Tracefs> Tracefs::open() {
  Tracefs tracefs;
  SONDE_TRY(tracefs.root_, open_tracefs());
  return tracefs;
}

Result<std::optional<std::string>> Tracefs::read(const std::string& path) const {
  auto content = read_file_at(root_.get(), path);
  if (content) return std::optional(*std::move(content));
  const int error = content.error().code;
  if (error == ENOENT || error == ENOTDIR) return std::optional<std::string>();
  if (error == EACCES || error == EPERM)
    return std::unexpected(no_permission(error, "cannot read " + path));
  return std::unexpected(std::move(content).error().while_doing("reading tracefs"));
}

std::vector<std::string> Tracefs::folders(const std::string& path) const {
  std::vector<std::string> names;
  UniqueFd fd(::openat(root_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return names;
  const std::unique_ptr<DIR, DirClose> dir(::fdopendir(fd.get()));
  if (!dir) return names;
  (void)fd.release();  // closedir closes it
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<Tracepoint> parse_format(std::string_view text) {
  Tracepoint tracepoint;
  bool has_id = false;
  while (!text.empty()) {
    const std::string_view line = trim(take_until(text, '\n'));
    if (line.starts_with("print fmt:")) break;  // C code from here on
    if (line.starts_with("ID:")) {
      const auto id = parse_u64(trim(line.substr(3)));
      if (!id || *id > UINT32_MAX) return fail("expected a number in `" + std::string(line) + "`");
      tracepoint.id = static_cast<std::uint32_t>(*id);
      has_id = true;
    } else if (line.starts_with("field:") || line.starts_with("field special:")) {
      SONDE_CHECK(parse_field(line, tracepoint));
    }
  }
  if (!has_id) return fail("expected a line `ID: number`");
  return tracepoint;
}

}  // namespace sonde::target
