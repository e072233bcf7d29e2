#include "tests/floors/house.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <regex>

namespace tf::test {
namespace {

namespace fs = std::filesystem;

constexpr int kLongest = 300;
constexpr int kApps = 9;
const std::map<std::string, int> kFloors = {{"base", 0},  {"wire", 1},  {"metrics", 1},   {"crypto", 2}, {"pki", 3},      {"vault", 3},   {"store", 3},   {"xml", 3},     {"apdu", 3},
                                            {"audit", 4}, {"module", 4}, {"dm", 4}, {"card", 4}, {"net", 5}, {"pcsc", 5},   {"protocols", 5}, {"ca", 6},
                                            {"payment", 6}, {"sms", 6}, {"hss", 6}, {"terminal", 6},  {"factory", 6}, {"frontends", 7}, {"simulate", 8}, {"platform", 8},
                                            {"apps", kApps}};

std::string room_of(const std::string& name) { return name.substr(0, name.find('/')); }

std::optional<int> floor_of(const std::string& name) {
  const auto found = kFloors.find(room_of(name));
  return found == kFloors.end() ? std::nullopt : std::optional(found->second);
}

// Inside net/ the two ends do not know each other.
bool other_end(const std::string& from, const std::string& to) {
  const auto in = [](const std::string& name, const char* folder) { return name.starts_with(folder); };
  return (in(from, "net/client/") && in(to, "net/server/")) || (in(from, "net/server/") && in(to, "net/client/"));
}

bool is_header(const std::string& name) { return name.ends_with(".hpp"); }

}  // namespace

House::House(fs::path root) : root_(std::move(root)) {
  read("src", "");
  for (const char* folder : {"apps", "tests", "fuzz", "bench"}) read(folder, std::string(folder) + "/");
}

void House::read(const fs::path& folder, const std::string& prefix) {
  static const std::regex include(R"re(^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>).*)re");
  if (!fs::exists(root_ / folder)) return;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".hpp" && extension != ".cpp") continue;
    File& file = files_[prefix + fs::relative(entry.path(), root_ / folder).generic_string()];
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line); ++file.lines) {
      std::smatch match;
      if (!line.contains("include") || !std::regex_match(line, match, include)) continue;
      (match[1].matched ? file.quoted : file.angled).push_back(match[match[1].matched ? 1 : 2]);
    }
  }
}

Findings House::wrong_includes() const {
  Findings out;
  for (const auto& [name, file] : files_) {
    const auto own = floor_of(name);
    if (room_of(name) == "tests" || room_of(name) == "fuzz" || room_of(name) == "bench") continue;
    if (!own) {
      out.push_back(name + " is in no room with a floor");
      continue;
    }
    for (const std::string& target : file.quoted) {
      const std::string neighbour = name.substr(0, name.rfind('/') + 1) + target;
      const std::string resolved = *own == kApps && files_.contains(neighbour) ? neighbour : target;
      const auto floor = floor_of(resolved);
      if (!floor || !files_.contains(resolved)) {
        out.push_back(name + " includes " + target + ", which is in no room");
      } else if (*floor > *own) {
        out.push_back(name + " includes " + target + " above it");
      } else if (*floor == *own && room_of(name) != room_of(resolved)) {
        out.push_back(name + " includes " + target + " beside it");
      } else if (other_end(name, resolved)) {
        out.push_back(name + " includes " + target + " of the other end");
      }
    }
  }
  return out;
}

Findings House::boost_in_headers() const {
  Findings out;
  for (const auto& [name, file] : files_) {
    if (!is_header(name) || name.starts_with("net/server/") || name.starts_with("net/client/")) continue;
    for (const std::string& target : file.angled)
      if (target.starts_with("boost/")) out.push_back(name + " includes <" + target + ">");
  }
  // The private headers of net/ stay inside it.
  for (const auto& [name, file] : files_) {
    if (room_of(name) == "net" || room_of(name) == "tests" || room_of(name) == "fuzz" || room_of(name) == "bench") continue;
    for (const std::string& reached : reached_from({name})) {
      const auto found = files_.find(reached);
      if (found == files_.end() || room_of(reached) != "net") continue;
      for (const std::string& target : found->second.angled)
        if (target.starts_with("boost/") && is_header(reached)) out.push_back(name + " reaches <" + target + "> through " + reached);
    }
  }
  return out;
}

Findings House::long_files() const {
  Findings out;
  for (const auto& [name, file] : files_)
    if (file.lines > kLongest) out.push_back(name + " has " + std::to_string(file.lines) + " lines");
  return out;
}

std::set<std::string> House::reached_from(const std::vector<std::string>& files) const {
  std::set<std::string> out;
  std::vector<std::string> open = files;
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    if (!out.insert(name).second) continue;
    const auto found = files_.find(name);
    if (found == files_.end()) continue;
    const auto& quoted = found->second.quoted;
    open.insert(open.end(), quoted.begin(), quoted.end());
  }
  return out;
}

std::vector<std::string> House::files_of(const std::string& room) const {
  std::vector<std::string> out;
  for (const auto& [name, file] : files_)
    if (name.starts_with(room + "/")) out.push_back(name);
  return out;
}

}  // namespace tf::test
