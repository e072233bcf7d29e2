#include "terminal/onboard/tree.hpp"

#include "dm/onboard_object.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::terminal {
namespace {

namespace object = dm::onboard_object;
namespace code = dm::code;

constexpr std::size_t kMaxItem = 16U << 10U;

}  // namespace

std::uint32_t OnboardTree::outcome(Status status) {
  if (status) return code::ok;
  failure_ = std::move(status).error();
  if (failure_->code == Code::overloaded) return code::device_full;
  return failure_->code == Code::refused || failure_->code == Code::malformed ? code::denied : code::failed;
}

dm::Tree::Got OnboardTree::get(std::string_view uri) {
  const std::pair<std::string_view, const std::string*> facts[] = {{"./DevInfo/DevId", &info_.device_id}, {"./DevInfo/Man", &info_.manufacturer},
                                                                   {"./DevInfo/Mod", &info_.model}, {"./DevInfo/DmV", &info_.dm_version},
                                                                   {"./DevInfo/Lang", &info_.language}};
  for (const auto& [name, value] : facts)
    if (uri == name) return {code::ok, dm::text_value(*value)};
  if (uri == object::kEnvelope || uri == object::kInstall || uri.starts_with(object::kItems)) return {code::not_allowed, {}};
  if (uri != object::kReceipt) return {code::not_found, {}};
  const auto receipt = actions_.receipt();
  if (!receipt) return {code::not_found, {}};
  return {code::ok, dm::text_value(*receipt)};
}

std::uint32_t OnboardTree::add(std::string_view uri, const dm::Value& value) {
  if (uri == object::kEnvelope && !envelope_.empty()) return code::exists;
  return replace(uri, value);
}

std::uint32_t OnboardTree::replace(std::string_view uri, const dm::Value& value) {
  if (uri == object::kEnvelope) {
    if (value.data.size() > onboard::kMaxEnvelope) return code::too_large;
    envelope_ = value.data;
    return code::ok;
  }
  if (uri == object::kInstall || uri == object::kReceipt || uri.starts_with("./DevInfo/")) return code::not_allowed;
  if (!uri.starts_with(object::kItems)) return code::not_found;
  const auto name = onboard::parse_id(uri.substr(object::kItems.size()));
  if (!name) return code::bad_request;
  if (value.data.size() > kMaxItem) return code::too_large;
  return outcome(actions_.item(*name, value));
}

std::uint32_t OnboardTree::exec(std::string_view uri, const dm::Value&) {
  if (uri != object::kInstall) return uri.starts_with(object::kRoot) ? code::not_allowed : code::not_found;
  if (envelope_.empty()) return code::not_found;
  return outcome(actions_.install(envelope_));
}

std::uint32_t OnboardTree::remove(std::string_view uri) { return uri.starts_with(object::kRoot) ? code::not_allowed : code::not_found; }

}  // namespace tf::terminal
