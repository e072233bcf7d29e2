// What both dialects answer from: the books, the keys, whose requests are believed. A dialect turns a request into an answer and
// says which order is to be notified. Private to simulate/ewallet.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "frontends/signed_form.hpp"
#include "simulate/ewallet/faults.hpp"
#include "simulate/ewallet/keys.hpp"
#include "simulate/ewallet/ledger.hpp"
#include "wire/http.hpp"

namespace tf::simulate::ewallet {

using frontends::Fields;
using frontends::value_of;

struct World {
  Ledger& ledger;
  const Keys& keys;
  const Clock& clock;
  std::map<std::string, crypto::PublicKey> apps;       // app_id → its key
  std::map<std::string, crypto::PublicKey> merchants;  // certId → its key
  std::string base_url{};                              // for bill_download_url
};

struct Told {
  std::string dialect, number;  // an order that came to an end
};
struct Reply {
  wire::HttpResponse response;
  std::optional<Told> told{};
};

// POST /gateway.do
Reply answer_ewallet(World& world, const wire::HttpRequest& request, const Mishap& mishap);
// POST /gateway/api/*.do
Reply answer_acp(World& world, const wire::HttpRequest& request, const Mishap& mishap);
// POST /phone/order with tn: what the network's app shows before it pays. JSON.
Reply answer_phone_order(World& world, const wire::HttpRequest& request);
// POST /phone/pay with tn and account, or cancel: what the network's app on a phone does. The signed result for the merchant's app.
Reply answer_phone(World& world, const wire::HttpRequest& request, const Mishap& mishap);
// GET /bills/DIALECT/DAY.csv
Reply answer_bill(World& world, const wire::HttpRequest& request);

// The body of the notification about an order, a form.
std::string ewallet_notification(World& world, const Order& order, const Mishap& mishap);
std::string acp_notification(World& world, const Order& order, const Mishap& mishap);

std::string signature(const crypto::PrivateKey& key, std::string_view text, bool spoilt);

}  // namespace tf::simulate::ewallet
