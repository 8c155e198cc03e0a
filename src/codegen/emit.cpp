// SPDX-License-Identifier: Apache-2.0
#include "codegen/emit.h"

#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/BasicAliasAnalysis.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/MemoryDependenceAnalysis.h>
#include <llvm/Analysis/OptimizationRemarkEmitter.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Analysis.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassInstrumentation.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/InstSimplifyPass.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <unistd.h>

#include <memory>

// Only the BPF target is linked (llvm/Support/TargetSelect.h would name all of them).
extern "C" {
void LLVMInitializeBPFTargetInfo();
void LLVMInitializeBPFTarget();
void LLVMInitializeBPFTargetMC();
void LLVMInitializeBPFAsmPrinter();
void LLVMInitializeBPFAsmParser();
}

namespace sonde::codegen {

namespace {

constexpr const char* plain_cpu = "v3";  // 32-bit registers and jumps: Linux 5.1
constexpr const char* far_cpu = "v4";    // jumps with 32-bit distances: Linux 6.6

struct ReportCollector final : llvm::DiagnosticHandler {
  explicit ReportCollector(BackEndReport& to) : report(to) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (const auto* size = llvm::dyn_cast<llvm::DiagnosticInfoStackSize>(&info))
      report.stack_sizes[size->getFunction().getName().str()] = size->getStackSize();
    // One says enough: a stack that is too small is reported for each access to it.
    if (info.getSeverity() != llvm::DS_Error || !report.error.empty()) return true;
    llvm::raw_string_ostream out(report.error);
    llvm::DiagnosticPrinterRawOStream printer(out);
    info.print(printer);
    return true;
  }
  BackEndReport& report;
};

// What LLVM cannot say otherwise, it ends the process with; at least without a crash. There is no
// way back, as its own state is lost.
[[noreturn]] void end_with_reason(void*, const char* reason, bool) {
  const std::string text =
      std::string("ERROR: LLVM could not compile the script: ") + reason + "\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(1);
}

void initialize_bpf() {
  llvm::remove_fatal_error_handler();
  llvm::install_fatal_error_handler(end_with_reason);
  LLVMInitializeBPFTargetInfo();
  LLVMInitializeBPFTarget();
  LLVMInitializeBPFTargetMC();
  LLVMInitializeBPFAsmPrinter();
  LLVMInitializeBPFAsmParser();
}

Result<std::unique_ptr<llvm::TargetMachine>> make_machine(const llvm::Module& module,
                                                          const char* cpu) {
  std::string problem;
  const auto* target = llvm::TargetRegistry::lookupTarget("bpf", problem);
  if (!target) return fail("LLVM has no BPF target: " + problem);
  // Optimisation None would spill past the stack.
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
#if LLVM_VERSION_MAJOR >= 21
      module.getTargetTriple(),
#else
      "bpf",
#endif
      cpu, "", llvm::TargetOptions(), std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Default));
  (void)module;  // used from LLVM 21 on
  if (!machine) return fail("LLVM gave no BPF target machine");
  return machine;
}

// What LLVM finds undefined it may leave in a register that nobody has written, which the verifier
// does not let anything read: not even where the bits that matter come from elsewhere, as in a
// temporary whose first use was in a loop and whose second one writes only a part of it.
void define_undefined(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      for (llvm::Use& operand : instruction.operands())
        if (llvm::isa<llvm::UndefValue>(operand.get()))
          operand.set(llvm::Constant::getNullValue(operand->getType()));
}

// What the passes below ask for. llvm::PassBuilder would register it too, but it names every pass
// that LLVM has: their static objects cost 80 page faults before main().
void register_analyses(llvm::FunctionAnalysisManager& analyses, llvm::TargetMachine& machine) {
  analyses.registerPass([] { return llvm::PassInstrumentationAnalysis(); });
  analyses.registerPass([&] { return machine.getTargetIRAnalysis(); });
  analyses.registerPass([&] {
    return llvm::TargetLibraryAnalysis(llvm::TargetLibraryInfoImpl(machine.getTargetTriple()));
  });
  analyses.registerPass([] { return llvm::AssumptionAnalysis(); });
  analyses.registerPass([] { return llvm::DominatorTreeAnalysis(); });
  analyses.registerPass([] { return llvm::PostDominatorTreeAnalysis(); });
  analyses.registerPass([] { return llvm::LoopAnalysis(); });
  analyses.registerPass([] { return llvm::MemoryDependenceAnalysis(); });
  analyses.registerPass([] { return llvm::OptimizationRemarkEmitterAnalysis(); });
  analyses.registerPass([] { return llvm::BasicAA(); });
  analyses.registerPass([] {
    llvm::AAManager aliases;
    aliases.registerFunctionAnalysis<llvm::BasicAA>();
    return aliases;
  });
}

// InstCombine is left out: it merges loads of two branches into one load through a choice of
// pointers, which the verifier refuses for typed context pointers.
void run_passes(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::FunctionAnalysisManager analyses;
  register_analyses(analyses, machine);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::InstSimplifyPass());
  passes.addPass(llvm::GVNPass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::ADCEPass());
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) passes.run(function, analyses);
  define_undefined(module);
}

Result<std::string> generate_file(llvm::Module& module, llvm::TargetMachine& machine,
                                  llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type))
    return fail("LLVM cannot write this kind of file");
  passes.run(module);
  return std::string(bytes.data(), bytes.size());
}

}  // namespace

void collect_reports(llvm::LLVMContext& context, BackEndReport& report) {
  context.setDiagnosticHandler(std::make_unique<ReportCollector>(report));
}

// Whether a jump inside a function may be too far for 16 bits. An instruction of the IR seldom
// becomes more than two, but these do.
bool is_huge(const llvm::Module& module) {
  constexpr std::size_t limit = 8000, moves_of_memset = 48;
  for (const llvm::Function& function : module) {
    std::size_t count = 0;
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      count += llvm::isa<llvm::MemIntrinsic>(instruction) ? moves_of_memset : 1;
    if (count > limit) return true;
  }
  return false;
}

Result<Emitted> emit(llvm::Module& module, bool want_assembly,
                     const std::function<bool()>& has_far_jumps, const PhaseObserver& on_phase) {
  const auto timed = [&](std::string_view phase, auto work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    if (on_phase) on_phase(phase, std::chrono::steady_clock::now() - start);
  };
  initialize_bpf();
  SONDE_TRY(auto machine, make_machine(module, plain_cpu));
  module.setDataLayout(machine->createDataLayout());
#ifndef NDEBUG
  std::string problems;
  llvm::raw_string_ostream out(problems);
  if (llvm::verifyModule(module, &out)) return fail("the IR is not well-formed: " + problems);
#endif
  timed("llvm passes", [&] { run_passes(module, *machine); });
  // The size of each function's stack is told as a warning about one that is larger than this.
  for (llvm::Function& function : module) function.addFnAttr("warn-stack-size", "0");
  Emitted emitted;
  if (is_huge(module)) {
    SONDE_TRY(auto far_machine, make_machine(module, far_cpu));
    // The assembler ends the process where a jump is too far for its instruction, so it is not
    // asked. LLVM takes far jumps from half of what near ones can reach.
    if (!has_far_jumps()) {
      const auto copy = llvm::CloneModule(module);
      SONDE_TRY(const auto text,
                generate_file(*copy, *far_machine, llvm::CodeGenFileType::AssemblyFile));
      emitted.jumps_too_far = text.contains("gotol");
      if (emitted.jumps_too_far) return emitted;
    } else {
      machine = std::move(far_machine);
    }
  }
  if (want_assembly) {
    const auto copy = llvm::CloneModule(module);
    SONDE_TRY(emitted.assembly,
              generate_file(*copy, *machine, llvm::CodeGenFileType::AssemblyFile));
  }
  Result<std::string> object;
  timed("llvm codegen",
        [&] { object = generate_file(module, *machine, llvm::CodeGenFileType::ObjectFile); });
  SONDE_TRY(emitted.object, std::move(object));
  return emitted;
}

}  // namespace sonde::codegen
