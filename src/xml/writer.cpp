#include "xml/writer.hpp"

#include <algorithm>

namespace tf::xml {
namespace {

constexpr std::size_t kUsual = 2'048;

void append_escaped(std::string& out, std::string_view text) {
  for (;;) {
    const auto at = std::ranges::find_if(text, [](char each) { return !escape_of(each).empty(); });
    const auto plain = static_cast<std::size_t>(at - text.begin());
    out += text.substr(0, plain);
    if (at == text.end()) return;
    out += escape_of(*at);
    text.remove_prefix(plain + 1);
  }
}

}  // namespace

Writer::Writer(Name root) {
  out_.reserve(kUsual);
  out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  begin(root);
}

void Writer::close_tag() {
  if (in_tag_) out_ += '>';
  in_tag_ = false;
}

void Writer::begin(Name name) {
  close_tag();
  out_ += '<';
  out_ += name.local;
  if (name.space != (open_.empty() ? std::string_view() : open_.back().space)) {
    out_ += " xmlns=\"";
    out_ += name.space;
    out_ += '"';
  }
  open_.push_back(name);
  in_tag_ = true;
}

void Writer::text(std::string_view text) {
  if (text.empty()) return;
  close_tag();
  fits_ = fits_ && is_text(text);
  append_escaped(out_, text);
}

void Writer::end() {
  if (in_tag_) {
    out_ += "/>";
  } else {
    out_ += "</";
    out_ += open_.back().local;
    out_ += '>';
  }
  in_tag_ = false;
  open_.pop_back();
}

void Writer::leaf(Name name, std::string_view content) {
  begin(name);
  text(content);
  end();
}

Result<std::string> Writer::finish() {
  end();
  out_ += '\n';
  if (!fits_) return Error{Code::malformed, "xml.unfit_text", ""};
  return std::move(out_);
}

}  // namespace tf::xml
