// Settings of [wallet] and [cardsign] as an operator gives them on a command line: they are checked as those of platform.toml are, and become
// sections of it.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "platform/config.hpp"

namespace tf::platform {

struct Setting {
  std::string section;  // "wallet", "wallet.sms", "wallet.front_ends.NAME", "cardsign"
  std::string key = {};  // empty: the section is there, with its defaults
  std::variant<std::int64_t, std::string, std::vector<std::string>> value = {};
};

// Puts the sections that are named into config, which has none of their names yet. Code::invalid "config.…", as read_config() says it.
Status take_settings(Config& config, const std::vector<Setting>& settings);

// Adds them, complete with their defaults, to the end of a configuration file, which stays as it is otherwise and is replaced atomically. All or nothing.
// Code::conflict "config.section_there" for a section that the file has.
Status add_to_config(const std::string& path, const std::vector<Setting>& settings);

}  // namespace tf::platform
