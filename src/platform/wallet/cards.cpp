// WalletService: cards and accounts, as their user enrols them, sees them, takes them away.
#include "platform/wallet/message.hpp"
#include "protocols/wallet/platform_instruments.hpp"

namespace tf::platform {

Result<std::string> WalletService::cards(Message& message) {
  const auto request = TF_TRY(wallet::decode_instrument_request(message.body));
  message.session = sessions_.find(request.session);
  wallet::InstrumentSnapshot snapshot{.policy = settings_.policy, .session = message.session.get()};
  if (message.session) {
    message.subject = message.session->registration;
    snapshot.active = TF_TRY(is_active(message.subject));
  }
  auto step = TF_TRY(wallet::instruments(request, snapshot, ports_));
  const auto once = [&](store::Session& session) { return use_wallet_once(session, step.once); };
  const std::string actor = "phone:" + message.subject;
  WalletInstruments& all = parts_.instruments;
  switch (step.order.act) {
    case wallet::InstrumentAct::enrol:
      TF_TRY(all.enrol(actor, message.subject, {.wallet = step.order.wallet, .number = std::move(step.order.number), .expiry = step.order.expiry, .has_pin = step.order.wallet.empty()}, once));
      break;
    case wallet::InstrumentAct::close: TF_CHECK(all.close(actor, message.subject, step.order.token, once)); break;
    case wallet::InstrumentAct::list: TF_CHECK(context_.database.write(once)); break;
  }
  std::vector<wallet::InstrumentView> views;
  for (const InstrumentRow& row : TF_TRY(all.list(message.subject))) views.push_back({row.token, row.wallet, row.masked});
  return wallet::instruments_answer(step, *message.session, views, ports_);
}

}  // namespace tf::platform
