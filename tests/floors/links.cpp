// What CMake's lists say, as far as tf_room() goes: tf_room(name SOURCES … LINK …), target_link_libraries(tf_name …).
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/floors/house.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;

struct Room {
  std::vector<std::string> sources;
  std::vector<std::string> links;
};
using Rooms = std::map<std::string, Room>;

std::vector<std::string> words_of(const std::string& text) {
  static const std::regex word("[^\\s]+");
  return {std::sregex_token_iterator(text.begin(), text.end(), word), {}};
}

void take_call(const std::string& command, const std::vector<std::string>& words, const std::string& folder, Rooms& rooms) {
  if (words.empty()) return;
  const bool is_room = command == "tf_room";
  Room& room = rooms[is_room ? words[0] : words[0].substr(words[0].find('_') + 1)];
  bool sources = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (is_room && words[i] == "SOURCES") {
      sources = true;
    } else if (is_room && words[i] == "LINK") {
      sources = false;
    } else if (sources) {
      room.sources.push_back(folder + "/" + words[i]);
    } else if (words[i].starts_with("tf_")) {
      room.links.push_back(words[i].substr(3));
    }
  }
}

Rooms read_rooms(const fs::path& source) {
  static const std::regex comment("#[^\n]*");
  static const std::regex call(R"((tf_room|target_link_libraries)\s*\(([^)]*)\))");
  Rooms out;
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    if (entry.path().filename() != "CMakeLists.txt") continue;
    std::ifstream in(entry.path());
    const std::string text = std::regex_replace(std::string(std::istreambuf_iterator<char>(in), {}), comment, "");
    const std::string folder = fs::relative(entry.path().parent_path(), source).generic_string();
    for (auto match = std::sregex_iterator(text.begin(), text.end(), call); match != std::sregex_iterator(); ++match)
      take_call((*match)[1], words_of((*match)[2]), folder, out);
  }
  return out;
}

}  // namespace

Linked linked_by(const fs::path& root, const std::string& room) {
  const Rooms rooms = read_rooms(root / "src");
  Linked out;
  std::vector<std::string> open{room};
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto found = rooms.find(name);
    if (found == rooms.end() || !out.rooms.insert(name).second) continue;
    open.insert(open.end(), found->second.links.begin(), found->second.links.end());
    out.sources.insert(out.sources.end(), found->second.sources.begin(), found->second.sources.end());
  }
  return out;
}

}  // namespace tf::test
