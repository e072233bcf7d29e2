// The device's management tree as a session sees it. What it answers are the codes of Status (messages.hpp, namespace code).
#pragma once
#include <optional>
#include <string_view>

#include "dm/value.hpp"

namespace tf::dm {

class Tree {
 public:
  virtual ~Tree() = default;
  struct Got {
    std::uint32_t code = code::not_found;
    std::optional<Value> value{};  // with code::ok
  };
  virtual Got get(std::string_view uri) = 0;
  virtual std::uint32_t add(std::string_view uri, const Value& value) = 0;
  virtual std::uint32_t replace(std::string_view uri, const Value& value) = 0;
  // 200 when it is done, 202 when it was begun and ends later.
  virtual std::uint32_t exec(std::string_view uri, const Value& argument) = 0;
  virtual std::uint32_t remove(std::string_view uri) = 0;
};

}  // namespace tf::dm
