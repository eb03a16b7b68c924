// 上传前看大小；导出的文件自动下载；会话结束时说一声。
(() => {
  const MOST = {{ resources.most_bytes }}, EVERY = 20000;
  const say = (text) => {
    const old = document.getElementById("jn-gone");
    const bar = old || document.body.appendChild(document.createElement("div"));
    bar.id = "jn-gone";
    bar.setAttribute("role", "alert");
    bar.textContent = text;
  };
  const look = (event) => {
    const file = event.target.files[0];
    const old = document.getElementById("jn-gone");
    if (old) old.remove();
    if (file && file.size > MOST) {
      event.stopImmediatePropagation();
      event.target.value = "";
      say(`「${file.name}」有 ${(file.size / 1048576).toFixed(1)} MB，超过 ${MOST / 1048576} MB，没有上传。请删去无关的工作表和图片，或用命令行测算。`);
    }
  };
  // 上传控件的 input 不在页面里，只能在它被打开时接上
  const open = HTMLInputElement.prototype.click;
  HTMLInputElement.prototype.click = function () {
    if (this.type === "file" && !this.dataset.looked) {
      this.dataset.looked = "1";
      this.addEventListener("change", look, true);
    }
    return open.call(this);
  };
  window.addEventListener("load", () => {
    new MutationObserver(() => {
      const link = document.querySelector("a.jn-download[data-auto]");
      if (link) { link.removeAttribute("data-auto"); link.click(); }
    }).observe(document.body, { childList: true, subtree: true });
    const kernel = JSON.parse(document.getElementById("jupyter-config-data").textContent).kernelId;
    const timer = setInterval(async () => {
      try {
        const answer = await fetch(`${document.body.dataset.baseUrl}../api/kernels/${kernel}`);
        if (answer.status === 404) {
          clearInterval(timer);
          say("长时间没有操作，会话已经结束，移动滑块不再有结果。请刷新页面。");
        }
      } catch (error) {
        clearInterval(timer);
        say("与测算程序的连接断开了。请重新运行程序，再刷新页面。");
      }
    }, EVERY);
  });
})();
