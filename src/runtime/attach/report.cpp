// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/report.h"

#include <cerrno>

#include "runtime/capabilities.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

bool report_unattached(const image::Image& image, Reporter& reporter, const image::ProbeDesc& probe,
                       const image::PlaceDesc& place, Error error) {
  if (error.code == EPERM || error.code == EACCES)
    if (const std::string missing = missing_capabilities(); !missing.empty())
      error.message += " (missing " + missing + ")";
  if (image.attach_failures_are_errors) {
    reporter.error(to_span(probe.range), error.message);
    reporter.error({}, "Unable to attach probe: " + place.name +
                           ". If this is expected, set the 'missing_probes' config variable to "
                           "'warn'.");
    return true;
  }
  if (image.warn_of_attach_failures) {
    if (reporter.options().verbose) reporter.warning(to_span(probe.range), error.message);
    reporter.warning({}, "Unable to attach probe: " + place.name + ". Skipping.");
  }
  return false;
}

}  // namespace sonde::runtime
