// What the parts of the credentialing server share: its ports, its ways to other servers, its registrations, its commits.
#pragma once
#include "platform/onboard/credentialing/sessions.hpp"
#include "platform/onboard/credentialing/store.hpp"
#include "platform/onboard/peers.hpp"
#include "platform/onboard/revocation.hpp"
#include "protocols/onboard/credentialing.hpp"

namespace tf::platform::credentialing {

// On whose account a step is written: the actor of its audit entry ("device:…", "system", "staff:…"), and whose alarm it would be.
struct Cause {
  std::string actor;
  std::string registration{};
  Hash256 device{};
};

struct Desk {
  OnboardOpened& opened;
  std::unique_ptr<const onboard::ChainVerifier> verifier;  // ports refer to it
  onboard::CredentialingPorts ports;
  OnboardLines registration, hss, provisioning;
  std::unique_ptr<RevocationDesk> revocation;
  std::vector<onboard::Item> items;
  SessionBook sessions;
  metrics::Counter& subscribed;
  metrics::Counter& released;
  metrics::Counter& closed;
  metrics::Counter& raised;

  static Result<std::unique_ptr<Desk>> open(OnboardOpened& opened);

  // With its nonce.
  Result<onboard::Registration> opened_row(Kept row);
  Result<onboard::DeviceSnapshot> newest(const std::string& dsim_id);
  Result<onboard::DeviceSnapshot> by_id(const std::string& id);

  // What a step wants written, in one transaction with its audit entry; also: more of the same. Code::conflict: run the step again. An alarm
  // that was raised before is counted; no other entry is made of it.
  Status commit(const onboard::Writes& writes, const Cause& cause, store::WriteFn also = {});
  // The writes, without the alarm, as a part of a member of somebody else's. made has to be sealed beforehand.
  Status perform(store::Session& session, const onboard::Writes& writes, const std::optional<vault::Wrapped>& made);
  Result<vault::Wrapped> seal(const onboard::Registration& made);

  // In the HSS, and then from what is due; where it does not answer, in half a minute again.
  Status suspend(const onboard::SuspendRequest& one, std::int64_t now_ms);
  // What is still to be suspended of a device, due or not: it gets no other credential before. Code::unavailable.
  Status suspend_of(const std::string& dsim_id);
};

// For what waits for another server: tried again after a while, longer each time.
inline std::int64_t next_try_ms(std::int64_t now_ms, std::int64_t tries) { return now_ms + (1000LL << std::min<std::int64_t>(tries, 9)); }

}  // namespace tf::platform::credentialing
