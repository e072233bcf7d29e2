// The device's management tree (dm/onboard_object.hpp): what a provisioning server may do to it, and nothing else. The envelope waits here
// in memory; what happens with it is the device's (OnboardTree::Actions).
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "dm/client.hpp"
#include "dm/tree.hpp"

namespace tf::terminal {

class OnboardTree final : public dm::Tree {
 public:
  struct Actions {
    std::function<Status(ByteView envelope)> install;
    std::function<std::optional<std::string>()> receipt;  // nothing before there is one
    std::function<Status(const std::string& name, const dm::Value& value)> item;  // name: an id
  };
  OnboardTree(dm::DeviceInfo info, Actions actions) : info_(std::move(info)), actions_(std::move(actions)) {}

  Got get(std::string_view uri) override;
  std::uint32_t add(std::string_view uri, const dm::Value& value) override;
  std::uint32_t replace(std::string_view uri, const dm::Value& value) override;
  std::uint32_t exec(std::string_view uri, const dm::Value& argument) override;
  std::uint32_t remove(std::string_view uri) override;

  // Why the last Install or item failed; nothing when none did.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  std::uint32_t outcome(Status status);
  dm::DeviceInfo info_;
  Actions actions_;
  Bytes envelope_;
  std::optional<Error> failure_;
};

}  // namespace tf::terminal
