// Files that the configuration names: from the platform's directory on, unless their path is absolute. Private to platform/wallet.
#pragma once
#include <string>

namespace tf::platform {

inline std::string path_in(const std::string& directory, const std::string& file) { return file.starts_with('/') ? file : directory + "/" + file; }

}  // namespace tf::platform
