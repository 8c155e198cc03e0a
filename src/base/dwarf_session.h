// SPDX-License-Identifier: Apache-2.0
// One program or library as libdwfl sees it: with the separate file of debug information that goes
// with it, and the symbols in its .gnu_debugdata.
#pragma once

#include <memory>
#include <string>

#include "base/dwarf_library.h"
#include "base/result.h"

namespace sonde {

// Where distributions put separate debug information, as libdwfl wants its folders: the name
// without a slash is a folder beside the file.
inline constexpr const char* usual_debug_folders = ".debug:/usr/lib/debug";

class DwarfSession {
 public:
  // `folders`: where separate files are looked for, by build id and .gnu_debuglink, before the
  // usual ones. Nothing is downloaded. Fails with a reason.
  static Result<std::unique_ptr<DwarfSession>> open(const std::string& path,
                                                    const std::string& folders);
  DwarfSession(const DwarfSession&) = delete;
  DwarfSession& operator=(const DwarfSession&) = delete;
  ~DwarfSession();

  const DwarfLibrary& library() const { return library_; }
  Dwfl_Module* module() const { return module_; }
  Dwarf* dwarf() const { return dwarf_; }  // null when there is no debug information

  // What libdwfl adds to the addresses of the file, and to those of the debug information.
  Dwarf_Addr file_bias() const { return file_bias_; }
  Dwarf_Addr dwarf_bias() const { return dwarf_bias_; }

 private:
  DwarfSession() = default;

  std::string folders_;  // what `folders_at_` points to
  char* folders_at_ = nullptr;
  DwarfLibrary library_;
  Dwfl_Callbacks callbacks_{};
  Dwfl* session_ = nullptr;
  Dwfl_Module* module_ = nullptr;
  Dwarf* dwarf_ = nullptr;
  Dwarf_Addr dwarf_bias_ = 0;
  Dwarf_Addr file_bias_ = 0;
};

}  // namespace sonde
