// SPDX-License-Identifier: Apache-2.0
// The part of libclang's C interface (clang-c/Index.h) that is used, declared here: the headers
// come with 400 MB of packages, and the library may be any version from 14 on. Its makers keep
// this interface stable.
#pragma once

#include <cstddef>

namespace sonde::ctext {

using CXIndex = void*;
using CXTranslationUnit = void*;
using CXFile = void*;
using CXDiagnostic = void*;
using CXClientData = void*;

struct CXString {
  const void* data;
  unsigned private_flags;
};
struct CXCursor {
  int kind;
  int xdata;
  const void* data[3];
};
struct CXType {
  int kind;
  void* data[2];
};
struct CXSourceLocation {
  const void* ptr_data[2];
  unsigned int_data;
};
struct CXSourceRange {
  const void* ptr_data[2];
  unsigned begin_int_data, end_int_data;
};
struct CXUnsavedFile {
  const char* filename;
  const char* contents;
  unsigned long length;
};
using CXCursorVisitor = int (*)(CXCursor cursor, CXCursor parent, CXClientData data);
using CXFieldVisitor = int (*)(CXCursor cursor, CXClientData data);
using CXInclusionVisitor = void (*)(CXFile file, CXSourceLocation* stack, unsigned stack_length,
                                    CXClientData data);

namespace cursor_kind {
constexpr int struct_decl = 2, union_decl = 3, enum_decl = 5, enum_constant_decl = 7,
              typedef_decl = 20, macro_definition = 501;
}
namespace type_kind {
constexpr int void_ = 2, bool_ = 3, char_u = 4, uchar = 5, ushort_ = 8, uint_ = 9, ulong_ = 10,
              ulonglong = 11, uint128 = 12, char_s = 13, schar = 14, short_ = 16, int_ = 17,
              long_ = 18, longlong = 19, int128 = 20, float_ = 21, double_ = 22, longdouble = 23,
              pointer = 101, record = 105, enum_ = 106, function_no_proto = 110,
              function_proto = 111, constant_array = 112, incomplete_array = 114;
}
constexpr int visit_continue = 1;
constexpr unsigned detailed_preprocessing_record = 0x01, skip_function_bodies = 0x40;
constexpr int severity_error = 3;

// CLANG_FUNCTION(result, name without `clang_`, parameters)
#define SONDE_CLANG_FUNCTIONS(FUNCTION)                                                         \
  FUNCTION(CXIndex, createIndex, (int, int))                                                    \
  FUNCTION(void, disposeIndex, (CXIndex))                                                       \
  FUNCTION(int, parseTranslationUnit2,                                                          \
           (CXIndex, const char*, const char* const*, int, CXUnsavedFile*, unsigned, unsigned,  \
            CXTranslationUnit*))                                                                \
  FUNCTION(void, disposeTranslationUnit, (CXTranslationUnit))                                   \
  FUNCTION(unsigned, getNumDiagnostics, (CXTranslationUnit))                                    \
  FUNCTION(CXDiagnostic, getDiagnostic, (CXTranslationUnit, unsigned))                          \
  FUNCTION(void, disposeDiagnostic, (CXDiagnostic))                                             \
  FUNCTION(int, getDiagnosticSeverity, (CXDiagnostic))                                          \
  FUNCTION(CXString, getDiagnosticSpelling, (CXDiagnostic))                                     \
  FUNCTION(CXSourceLocation, getDiagnosticLocation, (CXDiagnostic))                             \
  FUNCTION(void, getFileLocation, (CXSourceLocation, CXFile*, unsigned*, unsigned*, unsigned*)) \
  FUNCTION(void, getSpellingLocation,                                                           \
           (CXSourceLocation, CXFile*, unsigned*, unsigned*, unsigned*))                        \
  FUNCTION(CXString, getFileName, (CXFile))                                                     \
  FUNCTION(CXFile, getFile, (CXTranslationUnit, const char*))                                   \
  FUNCTION(const char*, getFileContents, (CXTranslationUnit, CXFile, std::size_t*))             \
  FUNCTION(void, getInclusions, (CXTranslationUnit, CXInclusionVisitor, CXClientData))          \
  FUNCTION(const char*, getCString, (CXString))                                                 \
  FUNCTION(void, disposeString, (CXString))                                                     \
  FUNCTION(CXCursor, getTranslationUnitCursor, (CXTranslationUnit))                             \
  FUNCTION(unsigned, visitChildren, (CXCursor, CXCursorVisitor, CXClientData))                  \
  FUNCTION(unsigned, Type_visitFields, (CXType, CXFieldVisitor, CXClientData))                  \
  FUNCTION(CXString, getCursorSpelling, (CXCursor))                                             \
  FUNCTION(CXSourceLocation, getCursorLocation, (CXCursor))                                     \
  FUNCTION(CXSourceRange, getCursorExtent, (CXCursor))                                          \
  FUNCTION(CXSourceLocation, getRangeStart, (CXSourceRange))                                    \
  FUNCTION(CXSourceLocation, getRangeEnd, (CXSourceRange))                                      \
  FUNCTION(CXType, getCursorType, (CXCursor))                                                   \
  FUNCTION(CXType, getCanonicalType, (CXType))                                                  \
  FUNCTION(CXCursor, getTypeDeclaration, (CXType))                                              \
  FUNCTION(CXCursor, getCanonicalCursor, (CXCursor))                                            \
  FUNCTION(unsigned, hashCursor, (CXCursor))                                                    \
  FUNCTION(unsigned, equalCursors, (CXCursor, CXCursor))                                        \
  FUNCTION(long long, Type_getSizeOf, (CXType))                                                 \
  FUNCTION(CXType, getPointeeType, (CXType))                                                    \
  FUNCTION(CXType, getArrayElementType, (CXType))                                               \
  FUNCTION(long long, getArraySize, (CXType))                                                   \
  FUNCTION(CXType, getResultType, (CXType))                                                     \
  FUNCTION(int, getNumArgTypes, (CXType))                                                       \
  FUNCTION(CXType, getArgType, (CXType, unsigned))                                              \
  FUNCTION(CXType, getTypedefDeclUnderlyingType, (CXCursor))                                    \
  FUNCTION(CXType, getEnumDeclIntegerType, (CXCursor))                                          \
  FUNCTION(long long, getEnumConstantDeclValue, (CXCursor))                                     \
  FUNCTION(unsigned, Cursor_isBitField, (CXCursor))                                             \
  FUNCTION(int, getFieldDeclBitWidth, (CXCursor))                                               \
  FUNCTION(long long, Cursor_getOffsetOfField, (CXCursor))                                      \
  FUNCTION(unsigned, Cursor_isAnonymous, (CXCursor))                                            \
  FUNCTION(unsigned, Cursor_isMacroFunctionLike, (CXCursor))                                    \
  FUNCTION(unsigned, Cursor_isMacroBuiltin, (CXCursor))

struct Clang {
  int version = 0;  // the major one; 0: not told by the library's name
#define FUNCTION(RESULT, NAME, PARAMETERS) RESULT(*NAME) PARAMETERS = nullptr;
  SONDE_CLANG_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

}  // namespace sonde::ctext
