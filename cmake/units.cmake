# Files of one room are compiled fourteen at a time: most of a unit's time goes into headers and templates that its neighbours need
# too. A private name is therefore one file's within its room; what two files need under one name is one thing, in one place.
# For work on a room, -DTRUSTFERRY_JOIN=OFF compiles each file by itself.
option(TRUSTFERRY_JOIN "compile several files of a room as one unit" OFF)

# These have private names of a neighbour's, with a reason of their own, and stay apart: two dialects of one simulator, answers beside their
# commands.
set(TRUSTFERRY_APART src/apdu/shield_answers.cpp src/simulate/ewallet/ewallet_dialect.cpp tests/net/loopback.cpp)

function(tf_join target)
  if(NOT TRUSTFERRY_JOIN)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 14)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE path)
    cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
    if(path IN_LIST TRUSTFERRY_APART)
      set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()
