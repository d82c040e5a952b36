//! `vestibule demo` and `vestibule dev`: the provider on embedded defaults, with captured mail, a clock that can
//! be moved, and (in the demo) an app to sign in to. For trying things out; never for real guests.

mod instance;
pub mod mailer;
#[cfg(test)]
mod tests;

use std::{
    io::Write,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result, bail};
use dev::{
    DevState, FaultSwitches, Inbox, ShiftedClock,
    report::StoryReport,
    seed,
    story::{self, Stage},
};
use sign_in::Core;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    app::{self, Wiring},
    edge::{SystemClock, SystemEntropy},
    jobs, listener, serve,
};
use instance::{CONFIG, Instance, Wanted};
use mailer::FaultyMailer;

/// What `demo` was asked for.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The provider's port; 0 for any that is free.
    pub port: u16,
    /// The demo app's port; 0 likewise.
    pub app_port: u16,
    /// Plays the story and ends.
    pub check: bool,
    /// The report as JSON.
    pub json: bool,
    /// Another database than a SQLite file in a temporary folder.
    pub database: Option<String>,
}

/// What `dev` was asked for.
#[derive(Clone, Debug)]
pub struct Dev {
    /// The provider's port.
    pub port: u16,
    /// Where it lives; a temporary folder when absent.
    pub data_dir: Option<PathBuf>,
    /// Another database than a SQLite file there.
    pub database: Option<String>,
}

/// A provider that runs in this process.
struct Running {
    instance: Instance,
    core: Core,
    end: CancellationToken,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    workers: jobs::Workers,
}

impl Running {
    async fn start(wanted: &Wanted) -> Result<Self> {
        let socket = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port)))?;
        let wanted = Wanted {
            port: socket.local_addr()?.port(),
            ..wanted.clone()
        };
        let instance = Instance::prepare(&wanted, &SystemEntropy)?;
        let clock = Arc::new(ShiftedClock::new(Arc::new(SystemClock)));
        let core = serve::open(&instance.settings, clock.clone(), Arc::new(SystemEntropy)).await?;
        let (inbox, faults) = (
            Arc::new(Inbox::new(clock.clone())),
            Arc::new(FaultSwitches::default()),
        );
        let dev_routes = dev::router(DevState::new(core.clone(), inbox.clone(), clock, faults.clone()));
        let mailer = Arc::new(FaultyMailer::new(faults, inbox));
        let Wiring {
            core,
            router,
            key_ring,
            ..
        } = app::build(core, dev_routes).await?;
        let end = CancellationToken::new();
        let jobs = jobs::Jobs::new(core.clone(), mailer, &instance.settings.mail, key_ring)?;
        serve::declare(&core, &instance.settings).await?;
        jobs.take_back_mail().await?;
        let workers = jobs::start(jobs, end.clone());
        // `localhost` may be either of the two.
        if let Ok(other) = listener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, wanted.port))) {
            spawn(listener::serve(other, None, router.clone(), end.clone()));
        }
        let server = spawn(listener::serve(socket, None, router, end.clone()));
        Ok(Self {
            instance,
            core,
            end,
            server,
            workers,
        })
    }

    fn issuer(&self) -> &str {
        self.core.settings.issuer.as_str()
    }

    async fn finish(self) -> Result<()> {
        self.end.cancel();
        self.server
            .await
            .context("the server's task")?
            .context("serving")?;
        self.workers.finish().await;
        Ok(())
    }
}

/// `vestibule dev`.
pub async fn dev(options: Dev) -> Result<()> {
    let wanted = Wanted {
        folder: options.data_dir,
        port: options.port,
        database: options.database,
    };
    let running = Running::start(&wanted).await?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\n  Vestibule for developers. Plain http, captured mail: never for real guests.\n\n\
         \x20   provider   {issuer}\n\
         \x20   inbox      {issuer}/dev/inbox\n\
         \x20   manage     vestibule -c {config} app add …\n\n  Ctrl-C ends it.\n",
        issuer = running.issuer(),
        config = running.instance.folder.path().join(CONFIG).display(),
    )?;
    serve::terminated().await;
    running.finish().await
}

/// `vestibule demo`. `Ok(false)`: the story did not go as told.
pub async fn demo(options: Demo) -> Result<bool> {
    let started = Instant::now();
    let app_socket = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.app_port)))?;
    let app_url = Url::parse(&format!("http://localhost:{}/", app_socket.local_addr()?.port()))?;
    let wanted = Wanted {
        folder: None,
        port: options.port,
        database: options.database,
    };
    let running = Running::start(&wanted).await?;
    if seed::seeded(&running.core).await?.is_some() {
        running.finish().await?;
        bail!(
            "this database has an app \"{}\" already: the demo wants an empty one",
            seed::APP
        );
    }
    let seeded = seed::seed(&running.core, &app_url).await?;
    let issuer = Url::parse(running.issuer())?;
    let config = demo_app::Config {
        inbox_url: issuer.join("dev/inbox")?,
        issuer: issuer.clone(),
        public_url: app_url.clone(),
        client_id: seeded.client_id,
        client_secret: seeded.client_secret.expose().to_owned(),
        api_token: seeded.api_token.expose().to_owned(),
    };
    let app_socket = tokio::net::TcpListener::from_std(app_socket)?;
    let app = spawn(demo_app::serve(
        app_socket,
        config,
        running.end.clone().cancelled_owned(),
    ));
    wait_until_ready(&issuer, &app_url).await?;
    let ready_after = started.elapsed();

    let passed = if options.check {
        let mut report = StoryReport::new(options.json, Box::new(std::io::stdout()));
        story::play(
            Stage {
                issuer,
                app: app_url,
                api_token: seeded.api_token,
                ready_after,
            },
            &mut report,
        )
        .await?;
        report.finish()?
    } else {
        welcome(&issuer, &app_url, ready_after.as_millis())?;
        serve::terminated().await;
        true
    };
    running.finish().await?;
    app.await.context("the demo app's task")??;
    Ok(passed)
}

fn welcome(issuer: &Url, app: &Url, millis: u128) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\n  Vestibule is ready ({millis} ms).\n\n\
         \x20   demo app   {app}\n\
         \x20   inbox      {issuer}dev/inbox\n\
         \x20   provider   {issuer}\n\n\
         \x20 1. Open the demo app. You are Lee: share a note with anna@contoso.test.\n\
         \x20 2. Open the inbox, and in it the link of Anna's mail: now you are Anna.\n\
         \x20 3. Ask for a code, find it in the inbox, type it. The app shows what it learned and checked.\n\
         \x20 4. Connect Anna's organisation: {issuer}dev/contoso. At her next sign-in she can switch to it.\n\n\
         \x20 Or let it play by itself: the same command with --check\n\n  Ctrl-C ends it; nothing is kept.\n"
    )?;
    Ok(())
}

async fn wait_until_ready(issuer: &Url, app: &Url) -> Result<()> {
    let http = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(2))
        .build()?;
    for url in [issuer.join("readyz")?, app.join("style.css")?] {
        let mut last = None;
        for _ in 0..200 {
            match http.get(url.clone()).send().await {
                Ok(response) if response.status().is_success() => {
                    last = None;
                    break;
                }
                Ok(response) => last = Some(format!("{url} answered {}", response.status())),
                Err(error) => last = Some(format!("{url}: {error}")),
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        if let Some(problem) = last {
            bail!("the demo did not come up: {problem}");
        }
    }
    Ok(())
}

fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}
