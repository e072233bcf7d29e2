// The real osmo-hlr as the keeper of subscriptions: subscribers over its control interface, vectors over GSUP. Its AMF is 0000, so that
// EAP-AKA' does not work with it; its file holds K and OPc in the clear. One process creates: two at once with two keys for one IMSI
// are not told apart. It is given keys of Milenage alone (1.5.0 knows no other): create() refuses another, Code::invalid "hss.algorithm".
#pragma once
#include <memory>

#include "hss/subscribers.hpp"

namespace tf::hss {

struct OsmoOptions {
  std::string host = "127.0.0.1";     // loopback or a private line: neither interface knows who we are
  std::uint16_t control_port = 4259;
  std::uint16_t gsup_port = 4222;
  std::string name = "trustferry";    // who we are, to the HLR
  int patience_ms = 5000;             // for a connection, and for an answer
};

// Connects in the background, and again when a connection is lost. Code::invalid "hss.osmo" for a host or port that is none.
Result<std::unique_ptr<Subscribers>> open_osmo_hlr(const OsmoOptions& options);

}  // namespace tf::hss
