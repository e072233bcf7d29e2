// The profiles that init installs: the files of packaging/profiles, kept in the program.
#pragma once
#include <span>

namespace tf::platform {

struct DefaultProfile {
  const char* file;  // "device.toml"
  const char* text;
};
std::span<const DefaultProfile> default_profiles();

}  // namespace tf::platform
