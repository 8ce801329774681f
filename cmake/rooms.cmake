# What every target of nsrun is compiled with, and how a room of the house becomes a library.

# fmt is compiled once: in every file that formats it takes longer than the file. No exceptions, as in the product.
add_library(nsrun_fmt STATIC ${PROJECT_SOURCE_DIR}/src/base/format.cc)
target_compile_options(nsrun_fmt PRIVATE -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections)

add_library(nsrun_flags INTERFACE)
target_link_libraries(nsrun_flags INTERFACE nsrun_fmt)
target_include_directories(nsrun_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(nsrun_flags INTERFACE NSRUN_VERSION="${PROJECT_VERSION}")
target_compile_options(nsrun_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -ffunction-sections -fdata-sections -fstack-protector-strong)
if(NSRUN_STATIC)
  # A static program has a fixed place: constants that hold addresses are read-only from the start and stay the file's.
  target_compile_options(nsrun_flags INTERFACE $<$<CONFIG:Release>:-fno-pie>)
  target_link_options(nsrun_flags INTERFACE $<$<CONFIG:Release>:-no-pie>)
endif()
# g++ 12 sees overlapping copies in inlined std::string assignments, where there are none.
target_compile_options(nsrun_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(NSRUN_WERROR)
  target_compile_options(nsrun_flags INTERFACE -Werror)
endif()
if(NSRUN_SANITIZE)
  target_compile_options(nsrun_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(nsrun_flags INTERFACE -fsanitize=address,undefined)
endif()
if(NSRUN_FUZZ)
  # clang before 19 reads the <expected> of libstdc++ only when it claims the concepts of C++20 in full.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    target_compile_options(nsrun_flags INTERFACE -Wno-builtin-macro-redefined -U__cpp_concepts -D__cpp_concepts=202002L)
  endif()
  target_compile_options(nsrun_flags INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(nsrun_flags INTERFACE -fsanitize=address,undefined)
endif()

# The product itself neither throws nor asks for types at run time; tests may.
add_library(nsrun_product_flags INTERFACE)
target_link_libraries(nsrun_product_flags INTERFACE nsrun_flags)
target_compile_options(nsrun_product_flags INTERFACE -fno-exceptions -fno-rtti)

# nsrun_room(NAME SOURCES a.cc b.cc [LINKS lib ...]): the static library nsrun_NAME from src/NAME.
function(nsrun_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(nsrun_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(nsrun_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(nsrun_${name} PUBLIC nsrun_flags ${ROOM_LINKS} PRIVATE nsrun_product_flags)
endfunction()
