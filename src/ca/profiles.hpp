// The profiles an authority issues after: every file *.toml of a directory, checked before any is used.
#pragma once
#include <map>
#include <string>

#include "ca/authority.hpp"
#include "pki/profile/profile.hpp"

namespace tf::ca {

using Profiles = std::map<std::string, pki::Profile>;

// Errors name the file: as parse_profile() with the line; Code::invalid "ca.profile_twice" for a name in two files,
// "ca.profile_directory" when it cannot be read. No directory: no profiles.
Result<Profiles> load_profiles(const std::string& directory);
// Each is bound to one of the authorities, which may issue it now. Code::invalid "ca.profile_authority"; what check_profile() says.
Status check_profiles(const Profiles& profiles, const std::vector<Authority>& authorities, std::int64_t now_ms);

}  // namespace tf::ca
