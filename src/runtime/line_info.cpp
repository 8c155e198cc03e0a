// SPDX-License-Identifier: Apache-2.0
#include "runtime/line_info.h"

#include <elf.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace sonde::runtime {

namespace {

constexpr std::uint32_t instruction_bytes = 8;

// A copy of the T at `offset`, wherever that is aligned; nothing beyond the end.
template <typename T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view string_at(std::string_view bytes, std::uint64_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

std::string_view slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || bytes.size() - offset < size) return {};
  return bytes.substr(offset, size);
}

struct Section {
  std::string_view name;
  std::string_view bytes;
  std::uint32_t link = 0;
};

std::vector<Section> read_sections(std::string_view elf) {
  std::vector<Section> sections;
  const auto header = read_at<Elf64_Ehdr>(elf, 0);
  if (!header) return sections;
  std::vector<Elf64_Shdr> headers;
  for (unsigned i = 0; i < header->e_shnum; ++i)
    if (const auto section = read_at<Elf64_Shdr>(elf, header->e_shoff + i * sizeof(Elf64_Shdr)))
      headers.push_back(*section);
  if (header->e_shstrndx >= headers.size()) return sections;
  const Elf64_Shdr& table = headers[header->e_shstrndx];
  const std::string_view names = slice(elf, table.sh_offset, table.sh_size);
  for (const Elf64_Shdr& section : headers)
    sections.push_back({string_at(names, section.sh_name),
                        slice(elf, section.sh_offset, section.sh_size), section.sh_link});
  return sections;
}

const Section* find(const std::vector<Section>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

struct Function {
  std::string_view section;
  std::uint64_t begin = 0;  // bytes in the section
  std::uint64_t size = 0;
};

std::optional<Function> find_function(const std::vector<Section>& sections, std::string_view name) {
  const Section* table = find(sections, ".symtab");
  if (table == nullptr || table->link >= sections.size()) return std::nullopt;
  const std::string_view names = sections[table->link].bytes;
  for (std::uint64_t at = 0; const auto symbol = read_at<Elf64_Sym>(table->bytes, at);
       at += sizeof(Elf64_Sym)) {
    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx >= sections.size() ||
        string_at(names, symbol->st_name) != name)
      continue;
    return Function{sections[symbol->st_shndx].name, symbol->st_value, symbol->st_size};
  }
  return std::nullopt;
}

// The layout of `.BTF.ext`: Documentation/bpf/btf.rst, "4.2 .BTF.ext section".
struct ExtHeader {
  std::uint16_t magic;
  std::uint8_t version, flags;
  std::uint32_t header_bytes, function_offset, function_bytes, line_offset, line_bytes;
};
struct SectionLines {
  std::uint32_t name, count;
};
struct Line {  // struct bpf_line_info, but with an offset in bytes
  std::uint32_t offset, file, text, line_column;
};

class ExtReader {
 public:
  ExtReader(std::string_view ext, std::string_view btf) : ext_(ext) {
    if (const auto header = read_at<btf_header>(btf, 0))
      strings_ = slice(btf, header->hdr_len + header->str_off, header->str_len);
  }

  std::vector<LineInfo> lines_of(const Function& function) const {
    std::vector<LineInfo> lines;
    const auto header = read_at<ExtHeader>(ext_, 0);
    if (!header) return lines;
    const std::string_view all =
        slice(ext_, header->header_bytes + header->line_offset, header->line_bytes);
    const auto record_bytes = read_at<std::uint32_t>(all, 0);
    if (!record_bytes || *record_bytes < sizeof(Line)) return lines;
    for (std::uint64_t at = sizeof(std::uint32_t);
         const auto section = read_at<SectionLines>(all, at);) {
      at += sizeof *section;
      if (string_at(strings_, section->name) == function.section)
        append(lines, function, all.substr(at), *record_bytes, section->count);
      at += std::uint64_t{*record_bytes} * section->count;
    }
    return lines;
  }

 private:
  void append(std::vector<LineInfo>& out, const Function& function, std::string_view records,
              std::uint32_t record_bytes, std::uint32_t count) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto line = read_at<Line>(records, std::uint64_t{record_bytes} * i);
      if (!line) return;
      if (line->offset < function.begin || line->offset >= function.begin + function.size) continue;
      const auto place = static_cast<std::uint32_t>(line->offset - function.begin);
      out.push_back({place / instruction_bytes, std::string(string_at(strings_, line->file)),
                     BPF_LINE_INFO_LINE_NUM(line->line_column),
                     BPF_LINE_INFO_LINE_COL(line->line_column)});
    }
  }

  std::string_view ext_;
  std::string_view strings_;
};

}  // namespace

ProgramLines read_line_info(std::string_view elf, std::string_view program) {
  const std::vector<Section> sections = read_sections(elf);
  const auto function = find_function(sections, program);
  const Section* ext = find(sections, ".BTF.ext");
  const Section* btf = find(sections, ".BTF");
  if (!function || ext == nullptr || btf == nullptr) return {};
  return {ExtReader(ext->bytes, btf->bytes).lines_of(*function),
          static_cast<std::uint32_t>(function->size / instruction_bytes)};
}

}  // namespace sonde::runtime
