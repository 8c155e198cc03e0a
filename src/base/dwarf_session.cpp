// SPDX-License-Identifier: Apache-2.0
#include "base/dwarf_session.h"

#include <cstdlib>
#include <optional>

namespace sonde {

namespace {

// What libdw would ask for files that are not on this machine. Nobody who prints a stack wants to
// wait for hundreds of megabytes.
class WithoutDownloads {
 public:
  WithoutDownloads() {
    if (const char* servers = std::getenv(name)) servers_ = servers;
    ::unsetenv(name);
  }
  WithoutDownloads(const WithoutDownloads&) = delete;
  WithoutDownloads& operator=(const WithoutDownloads&) = delete;
  ~WithoutDownloads() {
    if (servers_) ::setenv(name, servers_->c_str(), 1);
  }

 private:
  static constexpr const char* name = "DEBUGINFOD_URLS";
  std::optional<std::string> servers_;
};

}  // namespace

Result<std::unique_ptr<DwarfSession>> DwarfSession::open(const std::string& path,
                                                         const std::string& folders) {
  const WithoutDownloads here;
  std::unique_ptr<DwarfSession> session(new DwarfSession);
  SONDE_TRY(session->library_, load_dwarf_library());
  const DwarfLibrary& library = session->library_;
  session->folders_ = (folders.empty() ? "" : folders + ":") + usual_debug_folders;
  session->folders_at_ = session->folders_.data();
  session->callbacks_.debuginfo_path = &session->folders_at_;
  session->callbacks_.find_elf = library.dwfl_build_id_find_elf;
  // By build id and .gnu_debuglink.
  session->callbacks_.find_debuginfo = library.dwfl_standard_find_debuginfo;
  session->callbacks_.section_address = library.dwfl_offline_section_address;
  session->session_ = library.dwfl_begin(&session->callbacks_);
  if (!session->session_) return fail("libdw could not be started");
  session->module_ = library.dwfl_report_offline(session->session_, "", path.c_str(), -1);
  library.dwfl_report_end(session->session_, nullptr, nullptr);
  if (!session->module_) return fail("libdw cannot read " + path);
  library.dwfl_module_getelf(session->module_, &session->file_bias_);
  // Both look for the separate file at the first question.
  library.dwfl_module_getsymtab(session->module_);
  session->dwarf_ = library.dwfl_module_getdwarf(session->module_, &session->dwarf_bias_);
  return session;
}

DwarfSession::~DwarfSession() {
  if (session_) library_.dwfl_end(session_);
}

}  // namespace sonde
