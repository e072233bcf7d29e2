// What an e-wallet gave us when we signed up with it, and how its API is spoken.
#pragma once
#include <chrono>
#include <string>

#include "crypto/keys.hpp"

namespace tf::frontends::ewallet {

struct Settings {
  std::string name = "ewallet";        // of the front end, in routing rules and books
  std::string app_id;
  std::string key;                     // in the vault, purpose sign_legacy
  crypto::PublicKey gateway_key;       // RSA of 2048 bits or more; verifies responses and notifications
  std::string base_url;                // https://host[:port], as the client's; a bill is fetched from nowhere else
  std::string path = "/gateway.do";
  std::string notify_url{};            // ours; empty: no notifications asked for
  std::string seller_id{};             // checked in notifications when it is set
  std::string currency = "CNY";        // the one that is paid in
  // Is the field sign_type part of what is signed? Its gateways differ: of requests it usually is, of notifications not.
  bool request_signs_type = true;
  bool notification_signs_type = false;
  // How long after its first sending the gateway may still take an order; told to it as time_expire. Before that (and a
  // minute for clocks that differ) "no such order" means that it may yet come.
  std::chrono::seconds order_valid{300};
};

}  // namespace tf::frontends::ewallet
