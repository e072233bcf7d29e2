// cardsign order, which plays a merchant
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "net/client/client.hpp"
#include "protocols/cardsign/messages.hpp"
#include "protocols/cardsign/routes.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

struct OrderArgs {
  std::string url = "https://127.0.0.1:8449", root, secret, merchant, order, currency = "CNY", subject, user;
  std::int64_t amount = 0, minutes = 60;
};

Status run_order(const OrderArgs& args, Context& context) {
  for (const auto& [value, option] : {std::pair<const std::string&, const char*>{args.root, "--root"}, {args.secret, "--secret"}, {args.merchant, "--merchant"}, {args.order, "--order"},
                                      {args.subject, "--subject"}})
    TF_CHECK(need(value, option));
  const SystemClock clock;
  const SecretBytes secret = TF_TRY(secret_argument(args.secret, "--secret"));
  const std::string body = encode(cardsign::OrderRequest{.merchant = args.merchant, .order = args.order, .amount = args.amount, .currency = args.currency, .subject = args.subject,
                                                         .user = args.user, .expires_ms = clock.now_ms() + args.minutes * 60'000});
  TF_TRY(cardsign::decode_order_request(body));  // what is wrong is told here
  const Bytes pem = TF_TRY(read_file(args.root, 64 * 1024));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(args.url));
  options.anchors = TF_TRY(net::certificates_from_pem(as_text(pem)));
  auto client = TF_TRY(net::HttpClient::create(std::move(options)));
  net::ClientRequest request;
  request.method = "POST";
  request.target = std::string(cardsign::kPathPrefix) + "orders";
  request.content_type = "application/json";
  request.body = body;
  request.headers = {{"Trustferry-Signature", wire::hex_lower(crypto::hmac_sha256(secret.reveal(), as_bytes(body)))}};
  const auto answer = TF_TRY(client.request(request));
  if (answer.status != 200) return Error{Code::refused, "cli.order", fmt::format("the platform answers {}: {}", answer.status, answer.body)};
  if (context.json) return print_line(answer.body), Status();
  const auto made = TF_TRY(cardsign::decode_order_reply(answer.body));
  Facts().add("payment", made.payment).add("page", args.url + made.page).print();
  return {};
}

}  // namespace

void add_cardsign_order(CommandLine& line, CLI::App& cardsign) {
  static OrderArgs order;
  CLI::App& app = line.command(cardsign, "order", "Plays a merchant: makes an order, signed with the webhook's secret.",
                               "trustferry cardsign order --root run/platform/root.crt --merchant SHOP1 --secret @shop1.secret --order A-17 --amount 1250 --subject 'Two coffees'",
                               [](Context& context) { return run_order(order, context); });
  app.add_option("--url", order.url, "the platform's listener for cardsign")->capture_default_str();
  app.add_option("--root", order.root, "the platform's root certificate (PEM)");
  app.add_option("--merchant", order.merchant, "as it was added by wallet merchant add");
  app.add_option("--secret", order.secret, "the webhook's secret: HEX, @FILE or -");
  app.add_option("--order", order.order, "the merchant's number");
  app.add_option("--amount", order.amount, "in the currency's smallest unit");
  app.add_option("--currency", order.currency, "ISO 4217")->capture_default_str();
  app.add_option("--subject", order.subject, "what is paid for; the payer sees it");
  app.add_option("--user", order.user, "only this one may pay it");
  app.add_option("--minutes", order.minutes, "how long it may be paid")->capture_default_str();
}

}  // namespace tf::cli
