// The sources read as text, and what breaks the house's rules in them. Each finding is a line that a person can act on.
#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tf::test {

using Findings = std::vector<std::string>;

class House {
 public:
  explicit House(std::filesystem::path root);

  // Includes that point upward or sideways, or to nowhere.
  [[nodiscard]] Findings wrong_includes() const;
  // Boost in headers outside the private ones of net/.
  [[nodiscard]] Findings boost_in_headers() const;
  // Files of more than 300 lines.
  [[nodiscard]] Findings long_files() const;
  // All that compiles when these files do, by what they include: "terminal/device.hpp".
  [[nodiscard]] std::set<std::string> reached_from(const std::vector<std::string>& files) const;
  // The room's files, by name as in an include.
  [[nodiscard]] std::vector<std::string> files_of(const std::string& room) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct File {
    int lines = 0;
    std::vector<std::string> quoted;   // #include "…"
    std::vector<std::string> angled;   // #include <…>
  };
  void read(const std::filesystem::path& folder, const std::string& prefix);

  std::filesystem::path root_;
  std::map<std::string, File> files_;  // of src by the name in an include, others by their path from the root
};

// The rooms (CMake targets without tf_) that a room links, directly or through others, by the tf_room() calls below root/src;
// with their source files.
struct Linked {
  std::set<std::string> rooms;
  std::vector<std::string> sources;  // as in an include
};
Linked linked_by(const std::filesystem::path& root, const std::string& room);

}  // namespace tf::test
