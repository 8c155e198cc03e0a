// SPDX-License-Identifier: Apache-2.0
// iter.
#include "sema/probes/resolution.h"
#include "target/btf_functions.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// Where bpffs is, unless the path is absolute.
std::string pin_path(const std::string& pin) {
  return pin.starts_with('/') ? pin : "/sys/fs/bpf/" + pin;
}

}  // namespace

void resolve_iter(Resolution& r) {
  if (!r.check_part_count()) return;
  const std::string& name = r.parts[0];
  if (r.is_pattern()) {
    r.error(DiagId::attach_point_parts, "iter takes no wildcard")
        .hint("walk over one kind of object: `iter:task`");
    return;
  }
  const target::Btf* btf = r.script.target.btf();
  if (!btf) {
    r.error(DiagId::no_btf, "iter needs the kernel's BTF: {}", r.script.target.btf_problem())
        .hint("use a kernel with CONFIG_DEBUG_INFO_BTF=y");
    return;
  }
  if (!btf->find(target::BtfKind::struct_, "bpf_iter__" + name))
    return r.missing(fmt::format("this kernel has no iterator `{}`", name), name,
                     [&] { return target::iterator_names(btf); });
  if (r.parts.size() == 2)
    r.add({.target = pin_path(r.parts[1]), .function = name}, {name, r.parts[1]});
  else
    r.add({.function = name}, {name});
}

}  // namespace sonde::sema
