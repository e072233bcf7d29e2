#include "sms/settings.hpp"

#include "sms/smpp/sender.hpp"
#include "sms/spool.hpp"
#include "sms/webhook.hpp"

namespace tf::sms {

Result<std::unique_ptr<Sender>> make_sender(Settings settings, const Clock& clock, Random& random, OnDelivery on_delivery, OnIncoming on_incoming) {
  if (auto* spool = std::get_if<SpoolSettings>(&settings)) return Spool::open(std::move(*spool), clock);
  if (auto* webhook = std::get_if<WebhookSettings>(&settings)) return Webhook::create(std::move(*webhook), clock);
  return smpp::SmppSender::create(std::move(std::get<SmppSettings>(settings)), clock, random, std::move(on_delivery), std::move(on_incoming));
}

}  // namespace tf::sms
