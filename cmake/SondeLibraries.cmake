# What sonde is built from: Debian's libraries only, nothing is downloaded.

find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(BISON 3.8 REQUIRED)
find_package(FLEX 2.6 REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf>=1.1)
pkg_check_modules(LIBELF REQUIRED IMPORTED_TARGET libelf)

# One binary: the archives of the same packages. Debian has none of fmt, whose headers serve.
add_library(sonde_fmt INTERFACE)
add_library(sonde_libelf INTERFACE)
add_library(sonde_libbpf INTERFACE)
if(SONDE_ONE_BINARY)
  target_link_libraries(sonde_fmt INTERFACE fmt::fmt-header-only)
  target_link_libraries(sonde_libelf INTERFACE libelf.a libz.a)
  target_link_libraries(sonde_libbpf INTERFACE libbpf.a libelf.a libz.a)
else()
  target_link_libraries(sonde_fmt INTERFACE fmt::fmt)
  target_link_libraries(sonde_libelf INTERFACE PkgConfig::LIBELF)
  target_link_libraries(sonde_libbpf INTERFACE PkgConfig::LIBBPF)
endif()

# For names of Rust; those of C++ the standard library knows. Only an archive, everywhere.
find_library(SONDE_LIBIBERTY NAMES libiberty.a REQUIRED)
add_library(sonde_libiberty INTERFACE)
target_link_libraries(sonde_libiberty INTERFACE ${SONDE_LIBIBERTY})

if(SONDE_ONE_BINARY)
  set(sonde_z libz.a)
  set(sonde_zstd libzstd.a)
else()
  set(sonde_z z)
  set(sonde_zstd zstd)
endif()

# LLVM 19 is the reference. Its own link interface names every target and libraries that we do
# not use, so we ask llvm-config for the components that we do.
find_program(SONDE_LLVM_CONFIG NAMES llvm-config-19 llvm-config-20 llvm-config-21 llvm-config-18
             REQUIRED)
function(sonde_llvm_config result)
  execute_process(COMMAND ${SONDE_LLVM_CONFIG} ${ARGN} OUTPUT_VARIABLE out
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(out)
  set(${result} ${out} PARENT_SCOPE)
endfunction()

sonde_llvm_config(llvm_include --includedir)
add_library(sonde_llvm INTERFACE)
target_include_directories(sonde_llvm SYSTEM INTERFACE ${llvm_include})
target_compile_definitions(sonde_llvm INTERFACE _GNU_SOURCE __STDC_CONSTANT_MACROS
                           __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
if(SONDE_STATIC_LLVM)
  sonde_llvm_config(llvm_libraries --link-static --libfiles
                    bpfcodegen bpfinfo bpfdesc bpfasmparser core)
  target_link_libraries(sonde_llvm INTERFACE ${llvm_libraries} ${sonde_z} ${sonde_zstd})
  target_link_options(sonde_llvm INTERFACE -Wl,--exclude-libs,ALL)
  # The one function of llvm::PassBuilder that the BPF target names, for pipelines written as text.
  # Nothing calls it, and its file names every pass that LLVM has.
  target_link_options(sonde_llvm INTERFACE
    -Wl,--defsym=_ZN4llvm11PassBuilder21parseSinglePassOptionENS_9StringRefES1_S1_=abort)
else()
  sonde_llvm_config(llvm_libraries --link-shared --libfiles)
  target_link_libraries(sonde_llvm INTERFACE ${llvm_libraries})
endif()
