#include "ca/profiles.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"

namespace tf::ca {
namespace {

constexpr std::size_t kMostText = 64U << 10;

Error in(const std::string& file, Error error) { return {error.code, error.reason, file + ": " + error.detail}; }

}  // namespace

Result<Profiles> load_profiles(const std::string& directory) {
  namespace fs = std::filesystem;
  Profiles out;
  std::error_code error;
  if (!fs::exists(directory, error)) return out;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  if (error) return Error{Code::invalid, "ca.profile_directory", directory + ": " + error.message()};
  std::ranges::sort(files);
  for (const std::string& file : files) {
    const Bytes text = TF_TRY(read_file(file, kMostText));
    auto profile = pki::parse_profile(as_text(text));
    if (!profile) return in(file, profile.error());
    const std::string name = profile->name;
    if (!out.emplace(name, std::move(*profile)).second) return Error{Code::invalid, "ca.profile_twice", file + ": there is another profile named " + name};
  }
  return out;
}

Status check_profiles(const Profiles& profiles, const std::vector<Authority>& authorities, std::int64_t now_ms) {
  for (const auto& [name, profile] : profiles) {
    const auto found = std::ranges::find(authorities, profile.authority, &Authority::name);
    if (found == authorities.end() || found->key_name.empty()) {
      std::string all;
      for (const Authority& one : authorities)
        if (!one.key_name.empty()) all += (all.empty() ? "" : ", ") + one.name;
      return Error{Code::invalid, "ca.profile_authority", "profile " + name + ": authority is one of " + all + ", not \"" + profile.authority + "\""};
    }
    const Status checked = pki::check_profile(profile, found->certificate, now_ms);
    if (!checked) return Error{checked.error().code, checked.error().reason, "profile " + name + ": " + checked.error().detail};
  }
  return {};
}

}  // namespace tf::ca
