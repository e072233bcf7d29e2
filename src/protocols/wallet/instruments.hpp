// Cards and accounts: a logged-in phone enrols one, asks for them, takes one away. Each request is signed by the user's key; a number
// travels sealed under the session's message key, and so does the answer, which shows numbers masked. Both suites alike.
#pragma once
#include <string>
#include <vector>

#include "protocols/wallet/messages.hpp"

namespace tf::wallet {

namespace typ {
inline constexpr std::string_view instrument_claim = "trustferry-wallet-instrument-claim";
inline constexpr std::string_view instrument = "trustferry-wallet-instrument";
inline constexpr std::string_view instruments = "trustferry-wallet-instruments";
}  // namespace typ

enum class InstrumentAct { enrol, list, close };
std::string_view name_of(InstrumentAct act);

struct InstrumentOrder {
  InstrumentAct act = InstrumentAct::list;
  std::string wallet;  // enrol: kind of e-wallet, 0–16 of a–z 0–9 -; empty: a card
  SecretBytes number;  // enrol: of card or account, 1 to 64 bytes
  std::string expiry;  // enrol: of a card, YYMM
  std::string token;   // close
};
struct InstrumentView {
  std::string token;
  std::string wallet;
  std::string masked;
};

// What the user's key signs.
struct InstrumentClaim {
  RequestBinding binding;
  InstrumentAct act = InstrumentAct::list;
  std::string token;      // close
  Hash256 sealed_hash{};  // SHA-256 of the sealed text; of nothing where there is none
};
std::string encode(const InstrumentClaim& claim);
Result<InstrumentClaim> decode_instrument_claim(std::string_view payload);
struct InstrumentRequest {
  std::string session;
  std::string jws;
  Hash256 mac{};       // K(instruments_mac) of the message key over the JWS
  std::string sealed;  // enrol
};
std::string encode(const InstrumentRequest& request);
Result<InstrumentRequest> decode_instrument_request(std::string_view body);
SecretBytes encode_instrument(const InstrumentOrder& order);
Result<InstrumentOrder> decode_instrument(const SecretBytes& content);
// request: SHA-256 of the JWS it answers.
SecretBytes encode_instruments(const Hash256& request, const std::vector<InstrumentView>& instruments);
Result<std::vector<InstrumentView>> decode_instruments(const SecretBytes& content, const Hash256& request);

}  // namespace tf::wallet
