// [wallet]: mobile payment, its ways to phones (SMS) and to the money (front ends). Files are named from the data directory on.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "platform/config/listen.hpp"
#include "protocols/wallet/policy.hpp"

namespace tf::platform {

// [wallet.sms]
struct SmsConfig {
  enum class Kind { spool, webhook, smpp };
  Kind kind = Kind::spool;
  std::string file = "sms.jsonl";  // spool
  std::string url, path = "/";     // webhook: server and path
  std::string secret_file;         // webhook: signs; smpp: the password
  std::string anchors_file;        // webhook over https
  Listen smpp{"127.0.0.1", 2775};
  std::string system_id, source = "TRUSTFERRY";
};

// [wallet.front_ends.NAME]
struct FrontEndConfig {
  enum class Kind { card, ewallet, acp };
  std::string name;
  Kind kind = Kind::card;
  Listen address;                          // card: the acquirer's host
  std::string zone;                        // card: whose key the working keys come under (keys zone add)
  std::string institution = "00000001";    // card: field 32
  std::int64_t reply_ms = 15'000;          // card: patience with a reply
  std::string url;                         // ewallet, acp: https://host:port
  std::string anchors_file;                // ewallet, acp: PEM, what its TLS is trusted by
  std::string app_id;                      // ewallet
  std::string gateway_key_file;            // ewallet: PEM public key that its signatures verify with
  std::string merchant, certificate_file;  // acp: merId; our certificate, PEM
  std::string signers_file;                // acp: PEM anchors of its signing certificates, and those between
  std::string signer;                      // acp: the common name of its signing certificate; empty: any below the anchors
  std::string phone_signers_file;          // acp: PEM, certificates by which it signs what phones bring back
  bool direct = false;                     // acp: phones may pay at its gateway themselves, past the routes
  std::string token_requestor;             // acp: trId of the card tokens we pay with
  std::string notify_url;                  // ewallet, acp: of our /wallet/v1/notify/NAME as they reach it; empty: none asked for
};

struct WalletConfig {
  Listen listen{"127.0.0.1", 8447};  // /wallet/v1, for phones and front ends' notifications
  std::string name = "trustferry";   // the platform's, in every signed and sealed text
  std::string terminal = "WALLET01"; // the point of sale at the front ends
  std::string rules = "payment.toml";
  std::string webhook_anchors_file;  // PEM, what merchants' TLS is trusted by; empty: no webhooks go out
  std::int64_t sessions = 100'000;
  std::int64_t keys_ahead = 8;       // users' RSA keys made before they are asked for, where the platform makes them
  std::int64_t decide_minutes = 15;  // an order without an outcome has to be so old before operators decide it
  wallet::Policy policy;
  SmsConfig sms;
  std::vector<FrontEndConfig> front_ends;
};

}  // namespace tf::platform
