// Where a credential and what comes with it stand in a device's management tree. The server writes and never reads an envelope.
//   Envelope     Replace: the sealed credential, XML text
//   Install      Exec: open the envelope and take it into use
//   Receipt      Get: what the device signed about it
//   Items/NAME   Replace: other data of the operator, by name
#pragma once
#include <string>
#include <string_view>

namespace tf::dm::onboard_object {

inline constexpr std::string_view kRoot = "./Vendor/Trustferry/Onboard";
inline constexpr std::string_view kEnvelope = "./Vendor/Trustferry/Onboard/Envelope";
inline constexpr std::string_view kInstall = "./Vendor/Trustferry/Onboard/Install";
inline constexpr std::string_view kReceipt = "./Vendor/Trustferry/Onboard/Receipt";
inline constexpr std::string_view kItems = "./Vendor/Trustferry/Onboard/Items/";  // followed by a name

inline std::string item(std::string_view name) { return std::string(kItems) + std::string(name); }

}  // namespace tf::dm::onboard_object
