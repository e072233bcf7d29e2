// Options for settings of [wallet] and [cardsign], the same for init and for the commands that add a section later. What they say is checked where
// platform.toml is read.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "apps/trustferry/line/command_line.hpp"
#include "platform/config/settings.hpp"

namespace tf::cli {

class SectionOptions {
 public:
  // One option for each setting of the section: "--code-hours", with a prefix "--cardsign-code-hours". section: "wallet", "wallet.sms", "wallet.front_ends", "cardsign".
  void add(CLI::App& app, std::string_view section, std::string_view prefix = "");
  // What was given, once the command line is read.
  [[nodiscard]] std::vector<platform::Setting> given() const;

 private:
  struct Entry {
    platform::Setting setting;
    const CLI::Option* option = nullptr;
  };
  std::deque<Entry> entries_;  // CLI writes into them: they stay where they are
};

}  // namespace tf::cli
