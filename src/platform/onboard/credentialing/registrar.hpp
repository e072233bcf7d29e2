// Subscriptions: from the contract front end into the table, and to every registration server (0a, 0b); what could not be told is told
// later, what ended is taken back.
#pragma once
#include "platform/onboard/credentialing/desk.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::credentialing {

// What a registration server says about a device; anything else it says is about how the two servers are set up.
inline bool is_about_device(std::string_view result) { return result == "onboard.registered_otherwise" || result == "onboard.expired"; }

class Registrar {
 public:
  explicit Registrar(Desk& desk) : desk_(desk) {}

  // Rows in, a result each out. "registered" also when the same contract is registered already. Code::unavailable "onboard.silent" when
  // no registration server answers: the same rows again later.
  Result<std::string> subscribe(const OnboardCall& call);
  // Placements that are due, suspensions, expiry.
  void work(std::int64_t now_ms);
  // An operator's word; what the HSS and the registration servers have to know is told by work(). Code::not_found "onboard.unregistered".
  Result<onboard::Registration> withdraw(const std::string& dsim_id, const std::string& actor);

 private:
  struct Row;
  Result<std::vector<Row>> read_rows(const std::vector<onboard::Subscription>& rows);
  Status commit_rows(std::vector<Row>& rows, const std::string& actor);
  Status tell(std::vector<Row>& rows);
  Status correct(store::Session& session, const onboard::Registration& told);
  void place_due(OnboardLine& line, std::int64_t now_ms);
  void take_back_due(OnboardLine& line, std::int64_t now_ms);
  void suspend_due(std::int64_t now_ms);
  void expire_due(std::int64_t now_ms);
  Result<std::vector<onboard::RowResult>> send(OnboardLine& line, const std::vector<const onboard::Registration*>& rows);

  Desk& desk_;
};

}  // namespace tf::platform::credentialing
