// What `trustferry bridge install` writes, and a bridge goes by: which extensions may start it, for pages of which origins, and whom it
// believes. DIRECTORY/bridge.json:
//
//   {"platform": "trustferry", "extensions": ["abcdefghijklmnopabcdefghijklmnop"], "origins": ["https://pay.example"],
//    "root": "root.crt", "manufacturers": "manufacturers.crt"}                 files beside it, PEM
//
// Errors: Code::not_found "bridge.not_installed"; Code::invalid "bridge.settings" with what is wrong, "bridge.origin", "bridge.extension".
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "terminal/cardsign/display.hpp"

namespace tf::terminal {

inline constexpr const char* kBridgeName = "com.trustferry.cardsign";  // of the native-messaging host

struct BridgeSettings {
  std::vector<std::string> extensions;  // ids: 32 of a–p
  std::vector<std::string> origins;     // https://host[:port], as browsers write them; 1 to 16
  CardsignTrust trust;
};

// As a browser writes it: https only, host in lower case, no default port, no path.
Result<std::string> parse_origin(std::string_view text);
Result<std::string> parse_extension(std::string_view id);

Result<BridgeSettings> read_bridge_settings(const std::string& directory);
// The two PEM files and bridge.json, which anybody may read and its owner alone may change.
Status write_bridge_settings(const std::string& directory, const BridgeSettings& settings);
// The host manifest of Chromium for a program that takes the extension's origin as its last argument.
std::string host_manifest(const BridgeSettings& settings, const std::string& program);
// chrome-extension://ID/ of an extension that may.
Status check_caller(const BridgeSettings& settings, std::string_view caller);

}  // namespace tf::terminal
