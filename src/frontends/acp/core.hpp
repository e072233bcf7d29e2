// The inside of the ACP front end: one signed exchange, and the ladder of queries. Private to acp.
#pragma once
#include "frontends/acp/front_end.hpp"
#include "frontends/acp/messages.hpp"
#include "frontends/acp/verdicts.hpp"

namespace tf::frontends::acp {

using Done = payment::FrontEnd::Done;

struct FrontEnd::Core {
  using Build = std::move_only_function<Result<Fields>()>;
  using Judge = std::move_only_function<void(bool sent, Result<Fields>)>;
  using Self = std::shared_ptr<Core>;

  Core(Settings from, Ports given) : settings(std::move(from)), ports(given), verifier(settings.trust) {}

  void call(const Self& self, const char* route, Build build, Judge judge, bool repeatable);
  Result<Fields> opened(const Answer& answer);
  // What all transactions have, to which their own is added.
  [[nodiscard]] Fields frame(const char* type, const char* sub_type, const char* business, const Order& order) const;
  [[nodiscard]] Fields reversal(const Order& order) const;

  // Sends a transaction that can be asked about, and sees it to its end.
  void carry_out(const Self& self, Order order, Build build, Done done, Outcome unsent);
  void ask(const Self& self, const Order& order, Done done);  // once
  // Asks at once, or after the pause of that step, and goes on until it is known or the ladder ends.
  void ask_again(const Self& self, std::size_t step, const Order& order, Done done);
  void ask_on(const Self& self, std::size_t next_step, const Order& order, Done done);
  void undo(const Self& self, const payment::Payment& payment, const std::string& reference, Done done);

  const Settings settings;
  Ports ports;
  Verifier verifier;
  Health health;
};

}  // namespace tf::frontends::acp
