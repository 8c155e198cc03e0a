# Writes `SYSCALL(name, __NR_name)` for each system call that <asm/unistd.h> defines. The C++
# compiler works the numbers out: some headers define one name through another.
execute_process(COMMAND ${COMPILER} -x c++ -dM -E -include asm/unistd.h /dev/null
                OUTPUT_VARIABLE macros COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "#define __NR_[a-z0-9_]+ " found "${macros}")
set(text "")
foreach(macro IN LISTS found)
  string(REGEX REPLACE "#define __NR_([a-z0-9_]+) " "\\1" name "${macro}")
  # Counts and bases, not calls.
  if(NOT name MATCHES "^(syscalls|arch_specific_syscall)$")
    string(APPEND text "SYSCALL(${name}, __NR_${name})\n")
  endif()
endforeach()
if(text STREQUAL "")
  message(FATAL_ERROR "<asm/unistd.h> defines no system calls")
endif()
file(WRITE ${OUTPUT} "${text}")
