#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tf::log {
namespace {

constexpr const char* kText = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";
constexpr const char* kJson = R"({"at":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})";
bool json_lines = false;

spdlog::logger& logger() {
  static auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("trustferry", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(kText);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

void set_json(bool json) {
  json_lines = json;
  logger().set_pattern(json ? kJson : kText);
}

void write(Level level, std::string_view message) {
  if (json_lines) {
    logger().log(to_spdlog(level), "\"{}\"", escaped(message));
  } else {
    logger().log(to_spdlog(level), "{}", message);
  }
}

std::string quoted(std::string_view text) {
  return "\"" + escaped(text.substr(0, 120)) + (text.size() > 120 ? "…\"" : "\"");
}

}  // namespace tf::log
