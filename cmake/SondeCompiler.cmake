# Flags for our own code, and one function that makes the library of a folder.

set(SONDE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wrestrict: GCC 12 sees overlaps in `"text" + string` that cannot be (GCC bug 105651).
  list(APPEND SONDE_WARNINGS -Wno-missing-field-initializers -Wno-restrict)
else()
  # Functions that walk a node's children are made for nodes without any as well. GCC sees what is
  # deprecated; Clang also what libstdc++ 12 uses of itself (get_temporary_buffer).
  list(APPEND SONDE_WARNINGS -Wno-missing-designated-field-initializers
       -Wno-missing-field-initializers -Wno-unused-lambda-capture -Wno-deprecated-declarations)
endif()

add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)
if(SONDE_SANITIZE)
  add_compile_options(-fsanitize=${SONDE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SONDE_SANITIZE})
endif()
if(SONDE_FUZZ)
  # What a fuzzer finds has to end the run.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()

find_program(SONDE_CCACHE ccache)
if(SONDE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SONDE_CCACHE})
endif()
find_program(SONDE_MOLD mold)
if(SONDE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# sonde_library(NAME SOURCES a.cpp … USES other …): the static library `sonde_NAME` of the
# current folder. USES is the folder's row in docs/architecture.md: a header of a folder that
# is not named there (or used by one that is) is not found.
function(sonde_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(sonde_${name} STATIC ${ARG_SOURCES})
  target_compile_options(sonde_${name} PRIVATE ${SONDE_WARNINGS})
  # Each folder is reachable through its own include root, made of one link to the folder.
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  target_include_directories(sonde_${name} PUBLIC ${root})
  foreach(used ${ARG_USES})
    target_link_libraries(sonde_${name} PUBLIC sonde_${used})
  endforeach()
  target_link_libraries(sonde_${name} PRIVATE ${ARG_LIBRARIES})
endfunction()
