// The log: one line an event on stderr, key=value or JSON. Never a secret; peers' text is passed through quoted().
#pragma once
#include <string>
#include <string_view>

namespace tf::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);
void set_json(bool json);
void write(Level level, std::string_view message);
inline void debug(std::string_view message) { write(Level::debug, message); }
inline void info(std::string_view message) { write(Level::info, message); }
inline void warn(std::string_view message) { write(Level::warn, message); }
inline void error(std::string_view message) { write(Level::error, message); }

// A peer's text made safe for a line of log: control characters escaped, cut at 120 bytes.
std::string quoted(std::string_view text);

}  // namespace tf::log
