// A small tree of sources in a temporary directory, to try the rules on.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace tf::test {

class ModelHouse {
 public:
  // Files below src/.
  explicit ModelHouse(const std::map<std::string, std::string>& files) {
    std::filesystem::remove_all(root_);
    for (const auto& [name, text] : files) write("src/" + name, text);
  }
  ~ModelHouse() { std::filesystem::remove_all(root_); }
  ModelHouse(const ModelHouse&) = delete;
  ModelHouse& operator=(const ModelHouse&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_ = std::filesystem::path(TRUSTFERRY_BINARY_DIR) / ("model-house-" + std::to_string(::getpid()));
};

}  // namespace tf::test
