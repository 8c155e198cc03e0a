# Fails when a library of the runtime defines or asks for a symbol of LLVM or of a compiler folder.
# Run as: cmake -DNM=nm -DLIBRARIES=a.a,b.a -DPROGRAM=runtime_only -P no_llvm.cmake
string(REPLACE "," ";" LIBRARIES "${LIBRARIES}")
foreach(file ${LIBRARIES} ${PROGRAM})
  execute_process(COMMAND ${NM} --demangle ${file} OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]*(llvm::|LLVM[A-Z]|clang::|sonde::(ast|sema|codegen|parser|lang)::)[^\n]*"
         found "${symbols}")
  list(LENGTH found count)
  if(count GREATER 0)
    list(SUBLIST found 0 10 shown)
    list(JOIN shown "\n  " shown)
    message(SEND_ERROR "${file} has ${count} symbols of LLVM or the compiler:\n  ${shown}")
  endif()
endforeach()
