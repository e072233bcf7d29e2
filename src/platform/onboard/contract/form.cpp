#include "platform/onboard/contract/form.hpp"

#include <fmt/format.h>

#include "net/target.hpp"

namespace tf::platform::contract {
namespace {

constexpr std::size_t kMostForm = 4096;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

constexpr const char* kStyle =
    "body{font:1.1rem/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "label{display:block;margin-top:1rem;font-weight:bold}input{font:inherit;width:100%;padding:.4rem;box-sizing:border-box;border:1px solid #555}"
    "button{font:inherit;margin:1.2rem .5rem 0 0;padding:.5rem 1rem}.hint{font-size:.95rem;color:#444}.message{border-left:.4rem solid #1b5e20;padding:.5rem 1rem;background:#f1f8e9}"
    ".bad{border-color:#b71c1c;background:#ffebee}:focus{outline:3px solid #0b57d0}";

}  // namespace

Result<FormValues> read_form(const wire::HttpRequest& request) {
  if (request.content_type != "application/x-www-form-urlencoded" || request.body.size() > kMostForm)
    return Error{Code::malformed, "onboard.form", "the form is application/x-www-form-urlencoded, 4 KiB at most"};
  FormValues out;
  for (auto& [name, value] : TF_TRY(net::parse_target("/?" + request.body)).query) {
    if (name == "token") out.token = value;
    else if (name == "dsim_id") out.dsim_id = value;
    else if (name == "plan") out.plan = value;
    else if (name == "status") out.ask_status = true;
    else if (name != "subscribe") return Error{Code::malformed, "onboard.form", "the form has no field " + name};
  }
  return out;
}

wire::HttpResponse form_page(const FormPage& page) {
  const std::string message = page.message.empty() ? "" : fmt::format("<p class=\"message{}\" role=\"{}\">{}</p>", page.bad ? " bad" : "", page.bad ? "alert" : "status", escaped(page.message));
  std::string body = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Subscription for a device - {0}</title><style>{1}</style></head><body><main><h1>Subscription for a device</h1>{2}"
      "<form method=\"post\" action=\"/onboard/\" autocomplete=\"off\">"
      "<label for=\"token\">Your token</label><input id=\"token\" name=\"token\" type=\"password\" required aria-describedby=\"token-hint\">"
      "<p class=\"hint\" id=\"token-hint\">{0} gave it to you with your order.</p>"
      "<label for=\"dsim_id\">Number of the device (DSIM_ID)</label><input id=\"dsim_id\" name=\"dsim_id\" required maxlength=\"64\" value=\"{3}\" aria-describedby=\"dsim-hint\">"
      "<p class=\"hint\" id=\"dsim-hint\">It is printed on the device or its box.</p>"
      "<label for=\"plan\">Plan</label><input id=\"plan\" name=\"plan\" maxlength=\"64\" value=\"{4}\">"
      "<button name=\"subscribe\" value=\"1\">Subscribe</button><button name=\"status\" value=\"1\">How does it stand?</button></form></main></body></html>\n",
      escaped(page.operator_id), kStyle, message, escaped(page.values.dsim_id), escaped(page.values.plan));
  return {.status = page.bad ? 400 : 200, .content_type = "text/html; charset=utf-8", .body = std::move(body),
          .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"}, {"Cache-Control", "no-store"}}};
}

}  // namespace tf::platform::contract
