#include "platform/wallet/sms.hpp"

#include "base/file.hpp"
#include "platform/wallet/files.hpp"
#include "sms/settings.hpp"

namespace tf::platform {
namespace {

// A secret's line, without its end.
Result<SecretBytes> sms_secret_in(const std::string& path) {
  auto secret = read_secret_file(path, 4096);
  if (!secret) return Error{Code::invalid, "config.value", "wallet.sms.secret_file: " + describe(secret.error())};
  std::size_t size = secret->size();
  while (size > 0 && (secret->reveal()[size - 1] == '\n' || secret->reveal()[size - 1] == '\r')) --size;
  secret->shorten(size);
  return std::move(*secret);
}

}  // namespace

Result<std::unique_ptr<sms::Sender>> make_sms_sender(const SmsConfig& config, const std::string& directory, const Clock& clock, Random& random, sms::OnIncoming on_incoming) {
  switch (config.kind) {
    case SmsConfig::Kind::spool: return sms::make_sender(sms::SpoolSettings{.path = path_in(directory, config.file)}, clock, random);
    case SmsConfig::Kind::webhook: {
      sms::WebhookSettings settings{.server = config.url, .path = config.path, .secret = TF_TRY(sms_secret_in(path_in(directory, config.secret_file)))};
      if (!config.anchors_file.empty()) settings.anchors = as_text(TF_TRY(read_file(path_in(directory, config.anchors_file), 1024 * 1024)));
      return sms::make_sender(std::move(settings), clock, random);
    }
    case SmsConfig::Kind::smpp: break;
  }
  sms::SmppSettings settings{.host = config.smpp.address, .port = config.smpp.port, .system_id = config.system_id,
                             .password = TF_TRY(sms_secret_in(path_in(directory, config.secret_file))), .source = config.source};
  return sms::make_sender(std::move(settings), clock, random, {}, std::move(on_incoming));
}

}  // namespace tf::platform
