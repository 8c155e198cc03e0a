// SPDX-License-Identifier: Apache-2.0
// system(): runs a command and waits for it.
#include "base/run_program.h"
#include "runtime/actions/action.h"
#include "runtime/print/printer.h"
#include "runtime/reporter.h"

namespace sonde::runtime {

void act_run_command(ActionContext& context, const image::EventDesc& event,
                     const std::byte* record) {
  std::string command;
  output::append_formatted(command, context.text, event, record);
  const auto ended = run_program({"sh", "-c", command}, Streams::together);
  std::string problem;
  if (!ended)
    problem = ended.error().message;
  else if (ended->signal != 0)
    problem = "the command was ended by signal " + std::to_string(ended->signal);
  else if (ended->exit_code != 0)
    problem = "the command exited with code " + std::to_string(ended->exit_code);
  if (!problem.empty())
    context.reporter.error(to_span(event.range), problem);
  else
    context.printer.line(TextOf::system, ended->output);
}

}  // namespace sonde::runtime
