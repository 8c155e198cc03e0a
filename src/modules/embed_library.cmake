# The library of macros as C++: the text of each stdlib/*.bt, and which macros are in it.
# cmake -DFOLDER=… -DOUTPUT=… -P embed_library.cmake
file(GLOB paths ${FOLDER}/*.bt)
list(SORT paths)
set(files "")
set(names "")
set(index 0)
foreach(path ${paths})
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND files "    {\"stdlib/${name}\", R\"__bt__(${text})__bt__\"},\n")
  string(REGEX MATCHALL "\nmacro +[A-Za-z_0-9]+" macros "\n${text}")
  list(REMOVE_DUPLICATES macros)
  foreach(macro ${macros})
    string(REGEX REPLACE ".*macro +" "" macro "${macro}")
    string(APPEND names "    {\"${macro}\", ${index}},\n")
  endforeach()
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made from stdlib/*.bt by embed_library.cmake.
#include \"modules/library.h\"

namespace sonde::modules {

namespace {

constexpr LibraryFile files[] = {
${files}};

constexpr LibraryMacro macros[] = {
${names}};

}  // namespace

std::span<const LibraryFile> library_files() { return files; }
std::span<const LibraryMacro> library_macros() { return macros; }

}  // namespace sonde::modules
")
