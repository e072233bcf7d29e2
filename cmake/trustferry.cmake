# Compiler settings and the three words the house is built with: tf_room, tf_test, tf_fuzz.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_package(CLI11 REQUIRED)

set(TRUSTFERRY_SANITIZE "" CACHE STRING "address,undefined or thread")
add_library(tf_flags INTERFACE)
target_compile_options(tf_flags INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror=unused-result -Werror=return-type
  -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(tf_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
target_compile_definitions(tf_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION)
if(TRUSTFERRY_SANITIZE)
  target_compile_options(tf_flags INTERFACE -fsanitize=${TRUSTFERRY_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(tf_flags INTERFACE -fsanitize=${TRUSTFERRY_SANITIZE})
else()
  target_compile_definitions(tf_flags INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  target_link_options(tf_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
target_link_libraries(tf_flags INTERFACE Threads::Threads)

# Headers compiled once: parsing them is most of a unit's time. One set a kind of unit, as code for libraries and for
# programs is compiled differently. -fno-pch-timestamp lets ccache keep what was made with them.
set(TRUSTFERRY_HEADERS "${CMAKE_CURRENT_LIST_DIR}/pch")

# What tests and the command line do themselves is quick enough as it is written, and compiles in half the time; the rooms below
# them are optimised.
function(tf_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0> $<$<CONFIG:Release>:-U_FORTIFY_SOURCE>)
endfunction()
function(tf_rooms_first target)
  foreach(room ${ARGN})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:tf_${room}>)
  endforeach()
endfunction()
function(tf_headers kind)
  if(kind STREQUAL rooms)
    add_library(tf_headers_${kind} STATIC "${TRUSTFERRY_HEADERS}/unit.cpp")
  else()
    add_executable(tf_headers_${kind} EXCLUDE_FROM_ALL "${TRUSTFERRY_HEADERS}/unit.cpp")
  endif()
  target_include_directories(tf_headers_${kind} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(tf_headers_${kind} PRIVATE tf_flags fmt::fmt ${ARGN})
  if(NOT kind STREQUAL rooms)
    tf_compile_quickly(tf_headers_${kind})
  endif()
  target_precompile_headers(tf_headers_${kind} PRIVATE "${TRUSTFERRY_HEADERS}/${kind}.hpp")
endfunction()
function(tf_use_headers target kind)
  if(NOT TARGET tf_headers_${kind})
    message(FATAL_ERROR "tf_headers(${kind}) comes first")
  endif()
  target_precompile_headers(${target} REUSE_FROM tf_headers_${kind})
endfunction()

include(units)

# tf_room(name SOURCES a.cpp … LINK lower rooms …): one folder of src/, one static library.
function(tf_room name)
  cmake_parse_arguments(R "" "" "SOURCES;LINK" ${ARGN})
  add_library(tf_${name} STATIC ${R_SOURCES})
  target_include_directories(tf_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(tf_${name} PUBLIC tf_flags ${R_LINK})
  tf_use_headers(tf_${name} rooms)
  tf_join(tf_${name})
endfunction()

# tf_test(name SOURCES … LINK … [LABEL word]): one GoogleTest program, each case a CTest test of its own process
# group. Data files are found through TRUSTFERRY_SOURCE_DIR.
function(tf_test name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT T_LABEL)
    set(T_LABEL ${name})
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 600)
  endif()
  add_executable(test_${name} ${T_SOURCES})
  target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_compile_definitions(test_${name} PRIVATE TRUSTFERRY_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             TRUSTFERRY_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(test_${name} PRIVATE tf_flags fmt::fmt ${T_LINK} GTest::gmock GTest::gtest_main)
  tf_compile_quickly(test_${name})
  tf_use_headers(test_${name} tests)
  tf_join(test_${name})
  add_test(NAME ${name} COMMAND test_${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABEL}" TIMEOUT ${T_TIMEOUT})
endfunction()

# tf_fuzz(name SOURCES … LINK …): a libFuzzer target, smoke-run by CTest over its corpus and a bounded number of inputs.
function(tf_fuzz name)
  cmake_parse_arguments(F "" "" "SOURCES;LINK" ${ARGN})
  add_executable(fuzz_${name} ${F_SOURCES})
  target_include_directories(fuzz_${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(fuzz_${name} PRIVATE ${F_LINK})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} -runs=20000 -max_total_time=10 -seed=1 -verbosity=0
           "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 60)
endfunction()
