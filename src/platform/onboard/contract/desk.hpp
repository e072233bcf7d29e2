// Contracts at work: who may make one, what is durable here, and its way to the operator's credentialing server (step 0a).
#pragma once
#include <span>

#include "platform/onboard/contract/store.hpp"
#include "platform/onboard/peers.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::contract {

// Staff may make contracts for anybody; an owner with a token for himself.
struct Asker {
  std::string actor;                  // for the audit trail
  std::optional<std::string> owner;   // he alone; nobody: any
  std::optional<Hash256> token;
};

class Desk {
 public:
  Desk(OnboardOpened& opened, OnboardLines credentialing) : opened_(opened), credentialing_(std::move(credentialing)) {}

  // Code::refused "onboard.no_token", "onboard.token".
  Result<Asker> asker_of(const OnboardPeer* staff, std::string_view token);
  // A result each: "registered", "accepted" (durable; registered later), or the refusal: "onboard.contract_exists" where one with another
  // owner, plan or certificates stands, "onboard.other_owner", "onboard.twice", the credentialing server's. again: also rows that were registered before, for a
  // device whose subscription has ended.
  Result<std::vector<onboard::RowResult>> subscribe(const std::vector<onboard::Subscription>& rows, const Asker& asker, bool again);
  // What was accepted and not told yet.
  void forward_accepted(std::int64_t now_ms);
  Result<std::string> new_token(const std::string& owner, std::int64_t devices, std::int64_t days, const std::string& actor);
  Result<std::optional<Contract>> find(const std::string& dsim_id);

 private:
  Status accept_rows(const std::vector<onboard::Subscription>& rows, const Asker& asker, bool again, std::vector<onboard::RowResult>& results,
                     std::vector<std::int64_t>& versions);
  Result<std::vector<onboard::RowResult>> forward(const std::vector<Order>& orders);
  Result<std::vector<onboard::RowResult>> forward_once(std::span<const Order> orders);

  OnboardOpened& opened_;
  OnboardLines credentialing_;
  std::int64_t next_ms_ = 0, pause_ms_ = 1000;
};

}  // namespace tf::platform::contract
