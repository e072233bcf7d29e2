// The files of this folder, as CMake puts them into files.cpp. Private to pages.
#pragma once
#include <cstddef>
#include <string_view>

namespace tf::platform {

struct PageFile {
  std::string_view name;
  std::string_view content;
};
extern const PageFile kPageFiles[];
extern const std::size_t kPageFileCount;

}  // namespace tf::platform
