// What a card network's gateway of the UnionPay ACP 5.1 kind and we know of each other.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "pki/certificate.hpp"

namespace tf::frontends::acp {

// Whose signatures count. The gateway sends its certificate along (signPubKeyCert); it must lead to an anchor.
struct Trust {
  std::vector<pki::Certificate> anchors;
  std::vector<pki::Certificate> intermediates{};
  std::string signer{};  // the common name of the gateway's certificate; empty: any under the anchors
};

struct Settings {
  std::string name = "acp";   // of the front end, in routing rules and books
  std::string merchant;       // merId
  std::string cert_id;        // serial number of our certificate, decimal
  std::string key;            // of that certificate, in the vault, purpose sign_legacy
  Trust trust;
  // Certificates of the gateway by which it signs the phone's results; named there by number, so known beforehand.
  std::vector<pki::Certificate> phone_signers{};
  bool phones = false;        // they may pay at the gateway themselves
  std::string path = "/gateway/api/";
  std::string back_url{};     // ours, for notifications
  std::string token_requestor{};  // trId of the card tokens we pay with
  std::string currency = "CNY";
  std::string currency_number = "156";  // ISO 4217
  // A payment's first answer 00 means only that it was accepted, unless the contract says otherwise.
  bool accepted_is_final = false;
  // How long after its first sending the gateway takes an order (payTimeout); after that and what clocks may differ, "no such
  // order" is final. A phone has longer to pay.
  std::chrono::seconds order_valid{60};
  std::chrono::seconds phone_order_valid{900};
  std::chrono::seconds clocks_differ{30};
};

}  // namespace tf::frontends::acp
